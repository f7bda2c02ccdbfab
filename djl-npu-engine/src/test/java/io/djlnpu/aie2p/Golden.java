package io.djlnpu.aie2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A file of what the device's references computed. */
final class Golden implements AutoCloseable {

    private final SafetensorsFile file;

    Golden(String name) throws IOException {
        file = SafetensorsFile.open(Fixtures.fixture("aie2p/" + name + ".safetensors"));
    }

    /** A bf16 or float32 tensor. */
    float[] floats(String name) throws IOException {
        MemorySegment segment = file.segment(name);
        boolean narrow = file.tensor(name).dataType() == DataType.BF16;
        float[] values = new float[(int) (segment.byteSize() / (narrow ? 2 : 4))];
        if (narrow) {
            Bfloat16.toFloats(segment, 0, values, 0, values.length);
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            }
        }
        return values;
    }

    byte[] bytes(String name) throws IOException {
        return file.segment(name).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Compares bit by bit. */
    static void same(String what, float[] found, float[] expected) {
        assertThat(found).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            same(what + " " + i, found[i], expected[i]);
        }
    }

    static void same(String what, float found, float expected) {
        if (Float.floatToRawIntBits(found) != Float.floatToRawIntBits(expected)) {
            throw new AssertionError(what + ": found " + found + ", expected " + expected);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
