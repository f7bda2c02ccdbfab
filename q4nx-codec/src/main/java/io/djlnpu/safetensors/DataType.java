package io.djlnpu.safetensors;

/** Element types of the container, by the names of its JSON header. */
public enum DataType {
    /** One byte, zero or one. */
    BOOL(1),
    /** Unsigned byte. */
    U8(1),
    /** Signed byte; also the carrier of Q4NX blocks. */
    I8(1),
    /** Signed 16-bit integer. */
    I16(2),
    /** Unsigned 16-bit integer. */
    U16(2),
    /** IEEE binary16. */
    F16(2),
    /** Brain floating point. */
    BF16(2),
    /** Signed 32-bit integer. */
    I32(4),
    /** Unsigned 32-bit integer. */
    U32(4),
    /** IEEE binary32. */
    F32(4),
    /** Signed 64-bit integer. */
    I64(8),
    /** Unsigned 64-bit integer. */
    U64(8),
    /** IEEE binary64. */
    F64(8);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * Returns the size of one element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }
}
