package io.djlnpu.machine;

/**
 * A named range of a memory, as cores and the host read and write it. Every read is checked against
 * the range and against poison.
 */
public final class Region {

    private final Memory memory;
    private final String name;
    private final int offset;
    private final int bytes;

    Region(Memory memory, String name, int offset, int bytes) {
        this.memory = memory;
        this.name = name;
        this.offset = offset;
        this.bytes = bytes;
    }

    Memory memory() {
        return memory;
    }

    String name() {
        return name;
    }

    int offset() {
        return offset;
    }

    /**
     * Returns the length.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    private int range(int at, int length) {
        if (at < 0 || length < 0 || at > bytes - length) {
            throw new IndexOutOfBoundsException(
                    "bytes "
                            + at
                            + " to "
                            + (at + length)
                            + " of "
                            + name
                            + ", which has "
                            + bytes);
        }
        return offset + at;
    }

    private int readable(int at, int length) {
        int start = range(at, length);
        memory.requireWritten(this, start, length);
        return start;
    }

    /**
     * Reads bytes.
     *
     * @param at the first
     * @param length how many
     * @return a copy
     */
    public byte[] get(int at, int length) {
        int start = readable(at, length);
        return java.util.Arrays.copyOfRange(memory.data(), start, start + length);
    }

    /** Writes bytes. */
    void put(int at, byte[] source, int index, int length) {
        int start = range(at, length);
        System.arraycopy(source, index, memory.data(), start, length);
        memory.wrote(start, length);
    }

    /** Reads bf16 numbers. */
    float[] bf16(int at, int count) {
        int start = readable(at, 2 * count);
        byte[] data = memory.data();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            int low = data[start + 2 * i] & 0xff;
            values[i] = Float.intBitsToFloat(low << 16 | data[start + 2 * i + 1] << 24);
        }
        return values;
    }

    /** Writes numbers that bf16 holds. */
    void putBf16(int at, float[] values, int count) {
        int start = range(at, 2 * count);
        byte[] data = memory.data();
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            data[start + 2 * i] = (byte) (bits >> 16);
            data[start + 2 * i + 1] = (byte) (bits >> 24);
        }
        memory.wrote(start, 2 * count);
    }

    /** Reads float32 numbers. */
    float[] float32(int at, int count) {
        int start = readable(at, 4 * count);
        float[] values = new float[count];
        java.nio.ByteBuffer.wrap(memory.data(), start, 4 * count)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** Writes float32 numbers. */
    void putFloat32(int at, float[] values, int count) {
        int start = range(at, 4 * count);
        java.nio.ByteBuffer.wrap(memory.data(), start, 4 * count)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .put(values, 0, count);
        memory.wrote(start, 4 * count);
    }

    void poison() {
        memory.poison(offset, bytes);
    }
}
