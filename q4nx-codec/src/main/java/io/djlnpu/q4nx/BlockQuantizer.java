package io.djlnpu.q4nx;

/**
 * Chooses scale, min and codes for the 256 groups of a block at once. Not thread-safe: one instance
 * a thread.
 *
 * <p>A group is a <em>lane</em>, {@code lane = 32 * columnGroup + row}, the order of a block's
 * scales; arrays of weights and codes are {@code [32 columns][256 lanes]}, so that the compiler
 * works on many groups with one instruction.
 */
interface BlockQuantizer {

    /** Groups of a block. */
    int LANES = Q4nxFormat.BLOCK_GROUPS * Q4nxFormat.BLOCK_ROWS;

    /**
     * Quantises a block.
     *
     * @param weights {@code [32][256]}, finite
     * @param importance {@code [32][256]}, positive: what a squared error counts; null if all count
     *     the same
     * @param scales receives 256 bf16
     * @param mins receives 256 bf16
     * @param codes receives {@code [32][256]} codes 0..15
     */
    void quantize(float[] weights, float[] importance, short[] scales, short[] mins, byte[] codes);
}
