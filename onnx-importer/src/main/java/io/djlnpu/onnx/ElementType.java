package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The element types of ONNX tensors that a Gemma 3 file can hold, and how their little-endian bytes
 * become float32.
 *
 * <p><b>Source</b>: {@code TensorProto.DataType} of onnx.proto3; 4-bit types hold two values a
 * byte, the first in the low nibble.
 */
public enum ElementType {
    /** IEEE binary32. */
    FLOAT(1, 32),
    /** Unsigned byte. */
    UINT8(2, 8),
    /** Signed byte. */
    INT8(3, 8),
    /** Unsigned 16-bit integer. */
    UINT16(4, 16),
    /** 16-bit integer. */
    INT16(5, 16),
    /** 32-bit integer. */
    INT32(6, 32),
    /** 64-bit integer. */
    INT64(7, 64),
    /** Boolean, one byte each. */
    BOOL(9, 8),
    /** IEEE binary16. */
    FLOAT16(10, 16),
    /** IEEE binary64. */
    DOUBLE(11, 64),
    /** The upper half of a binary32. */
    BFLOAT16(16, 16),
    /** Unsigned nibble. */
    UINT4(21, 4),
    /** Signed nibble, two's complement. */
    INT4(22, 4);

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT32 =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble FLOAT64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int code;
    private final int bits;

    ElementType(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    /**
     * Finds a type by ONNX's number.
     *
     * @param code {@code TensorProto.DataType}
     * @param where what the error names: file and tensor
     * @return the type
     * @throws ModelFormatException if no Gemma 3 file that we can read has such a type
     */
    public static ElementType of(long code, String where) throws ModelFormatException {
        for (ElementType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new ModelFormatException(
                Code.UNSUPPORTED_ENCODING,
                where
                        + ": element type "
                        + code
                        + ", expected a float of 16, 32 or 64 bits or an integer; export the model"
                        + " in another precision");
    }

    /**
     * Returns ONNX's number of the type.
     *
     * @return {@code TensorProto.DataType}
     */
    public int code() {
        return code;
    }

    /**
     * Returns the size of one element.
     *
     * @return bits, 4 to 64
     */
    public int bits() {
        return bits;
    }

    /**
     * Tells floating point from integers.
     *
     * @return true for the four float types
     */
    public boolean isFloat() {
        return this == FLOAT || this == FLOAT16 || this == BFLOAT16 || this == DOUBLE;
    }

    /**
     * Returns the bytes that a number of elements takes.
     *
     * @param elements number of elements
     * @return bytes, rounded up
     */
    public long bytes(long elements) {
        return Math.ceilDiv(Math.multiplyExact(elements, (long) bits), 8L);
    }

    /**
     * Widens consecutive elements to float32.
     *
     * @param source the tensor's bytes
     * @param first index of the first element
     * @param count how many elements
     * @param destination receives the values
     * @param offset index of the first value in the destination
     */
    public void toFloats(
            MemorySegment source, long first, int count, float[] destination, int offset) {
        switch (this) {
            case FLOAT ->
                    MemorySegment.copy(source, FLOAT32, first * 4, destination, offset, count);
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    destination[offset + i] =
                            Float.float16ToFloat(source.get(SHORT, (first + i) * 2));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    destination[offset + i] =
                            Float.intBitsToFloat(source.get(SHORT, (first + i) * 2) << 16);
                }
            }
            case DOUBLE -> {
                for (int i = 0; i < count; i++) {
                    destination[offset + i] = (float) source.get(FLOAT64, (first + i) * 8);
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    destination[offset + i] = toLong(source, first + i);
                }
            }
        }
    }

    /**
     * Reads one integer element.
     *
     * @param source the tensor's bytes
     * @param index index of the element
     * @return its value; floats are truncated
     */
    public long toLong(MemorySegment source, long index) {
        return switch (this) {
            case UINT8, BOOL -> source.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
            case INT8 -> source.get(ValueLayout.JAVA_BYTE, index);
            case UINT16 -> source.get(SHORT, index * 2) & 0xFFFF;
            case INT16 -> source.get(SHORT, index * 2);
            case INT32 -> source.get(INT, index * 4);
            case INT64 -> source.get(LONG, index * 8);
            case UINT4 -> nibble(source, index);
            case INT4 -> (nibble(source, index) ^ 8) - 8;
            default -> {
                float[] value = new float[1];
                toFloats(source, index, 1, value, 0);
                yield (long) value[0];
            }
        };
    }

    private static int nibble(MemorySegment source, long index) {
        return source.get(ValueLayout.JAVA_BYTE, index >> 1) >> ((int) (index & 1) << 2) & 0xF;
    }
}
