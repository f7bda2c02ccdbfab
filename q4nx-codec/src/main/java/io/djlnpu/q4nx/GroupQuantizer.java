package io.djlnpu.q4nx;

/**
 * Chooses scale, min and codes for one group of 32 weights. Not thread-safe: one instance a thread.
 */
interface GroupQuantizer {

    /**
     * Quantises a group.
     *
     * @param weights holds the group from {@code offset}, 32 values
     * @param offset where the group starts
     * @param codes receives 32 codes 0..15
     * @return scale in the upper and min in the lower 16 bits, both bf16
     */
    int quantize(float[] weights, int offset, byte[] codes);

    /** Packs a pair of bf16 bits. */
    static int pair(short scale, short min) {
        return scale << 16 | min & 0xffff;
    }

    /** The scale of a packed pair. */
    static short scale(int pair) {
        return (short) (pair >>> 16);
    }

    /** The min of a packed pair. */
    static short min(int pair) {
        return (short) pair;
    }
}
