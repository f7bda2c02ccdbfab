package io.djlnpu.onnx.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Onnx;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data file of 3 GB, sparse on disk: offsets beyond 2^31, and opening that does not read it. */
class LargeFileTest {

    private static final int ROWS = 12_000_000;
    private static final long BYTES = (long) ROWS * TinyDecoder.HIDDEN * 4;

    @TempDir Path folder;

    @Test
    void theLastRowOfALargeTableIsRead() throws IOException {
        float[] needle = new float[TinyDecoder.HIDDEN];
        for (int i = 0; i < needle.length; i++) {
            needle[i] = i + 0.5f;
        }
        Path file = write(needle);
        long start = System.nanoTime();
        try (OnnxDecoder model = OnnxDecoder.open(file)) {
            System.out.printf(
                    "opening %.1f GB: %.2f s%n", BYTES / 1e9, (System.nanoTime() - start) / 1e9);
            assertThat(model.config().vocabSize()).isEqualTo(ROWS);
            WeightMatrix table = model.matrix("model.embed_tokens.weight");
            float[] row = new float[needle.length];
            table.readRows(ROWS - 1, 1, row);
            assertThat(row).isEqualTo(needle);
            table.readRows(ROWS - 2, 1, row);
            assertThat(row).containsOnly(0f);
        }
    }

    private Path write(float[] lastRow) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * lastRow.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : lastRow) {
            bytes.putFloat(value);
        }
        try (RandomAccessFile data =
                new RandomAccessFile(folder.resolve("table.data").toFile(), "rw")) {
            data.setLength(BYTES);
            data.seek(BYTES - bytes.capacity());
            data.write(bytes.array());
        }
        ProtoMessage table =
                TinyDecoder.shaped("table", 1, ROWS, TinyDecoder.HIDDEN)
                        .add(Onnx.TENSOR_EXTERNAL, EditableModel.entry("location", "table.data"))
                        .add(Onnx.TENSOR_LOCATION, 1);
        EditableModel model = TinyDecoder.build();
        model.editTensors(t -> t.text(Onnx.TENSOR_NAME).equals("table") ? table : t);
        return Files.write(folder.resolve("model.onnx"), model.bytes());
    }
}
