package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;

/** Makes the storage that fits an element type. */
final class Storages {

    private Storages() {}

    static Storage allocate(DataType type, int size) {
        return switch (type) {
            case FLOAT32 -> new FloatStorage(type, new float[size]);
            case FLOAT64 -> new DoubleStorage(type, new double[size]);
            case FLOAT16, BFLOAT16 -> new HalfStorage(type, new short[size]);
            case INT8, UINT8, BOOLEAN -> new ByteStorage(type, new byte[size]);
            case INT16, UINT16 -> new ShortStorage(type, new short[size]);
            case INT32, UINT32 -> new IntStorage(type, new int[size]);
            case INT64, UINT64 -> new LongStorage(type, new long[size]);
            case COMPLEX64 -> new ComplexStorage(new float[Math.multiplyExact(2, size)]);
            case STRING -> new StringStorage(new String[size]);
            case UNKNOWN ->
                    throw new IllegalArgumentException(
                            "cannot make an array of type UNKNOWN; name a data type");
        };
    }

    /** Bytes of one element in a raw buffer (DJL itself counts 4 for COMPLEX64). */
    static int bytesPerElement(DataType type) {
        return type == DataType.COMPLEX64 ? 8 : type.getNumOfBytes();
    }
}
