package io.djlnpu.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Brings elements in from NIO buffers and from arrays of other engines. A ByteBuffer holds raw
 * elements in native order, whatever its own order says.
 */
final class Buffers {

    private Buffers() {}

    /** A copy of the remaining elements; the buffer's position is left as it was. */
    static Tensor read(Buffer buffer, Shape shape, DataType type) {
        Tensor result = Tensor.allocate(type, shape);
        Object target = result.data().slotsArray();
        if (buffer instanceof ByteBuffer bytes) {
            result.data().readFrom(bytes.duplicate().order(ByteOrder.nativeOrder()));
        } else if (buffer instanceof FloatBuffer floats && target instanceof float[] values) {
            floats.duplicate().get(values);
        } else if (buffer instanceof DoubleBuffer doubles && target instanceof double[] values) {
            doubles.duplicate().get(values);
        } else if (buffer instanceof IntBuffer ints && target instanceof int[] values) {
            ints.duplicate().get(values);
        } else if (buffer instanceof LongBuffer longs && target instanceof long[] values) {
            longs.duplicate().get(values);
        } else if (buffer instanceof ShortBuffer shorts && target instanceof short[] values) {
            shorts.duplicate().get(values);
        } else {
            throw new IllegalArgumentException(
                    "a "
                            + buffer.getClass().getSimpleName()
                            + " does not hold elements of "
                            + type);
        }
        if (type == DataType.BOOLEAN) {
            byte[] truths = (byte[]) target;
            for (int i = 0; i < truths.length; i++) {
                truths[i] = (byte) (truths[i] == 0 ? 0 : 1);
            }
        }
        return result;
    }

    /** The contents of any engine's array. */
    static Tensor read(NDArray array) {
        if (array instanceof NpuNDArray npu) {
            return npu.tensor();
        }
        if (array.getDataType() == DataType.STRING) {
            return new Tensor(
                    array.getShape(),
                    new StringStorage(array.toStringArray(StandardCharsets.UTF_8)));
        }
        return read(array.toByteBuffer(), array.getShape(), array.getDataType());
    }
}
