package io.djlnpu.aie2p;

/**
 * Adding values in decode attention, 16 a round, under the weights of {@link ScoreRound}.
 *
 * <p><b>Numerics</b>: sums are float32, corrected by {@link SplitProduct}. Weights and values
 * become {@link BlockFloat}s <em>along the keys</em>, eight of them a block, so that the result
 * depends on where a round starts. The weights' sum is by {@link TreeSum}, narrowed; the result is
 * the narrowed sum times {@link InverseTable}, narrowed.
 */
public final class ValueRound {

    private static final int EIGHTS = ScoreRound.KEYS / BlockFloat.SIZE;

    private final float[] sums;
    private final byte[] weighing = new byte[EIGHTS * BlockFloat.BYTES];
    private float denominator;

    /**
     * Begins with a query head.
     *
     * @param headDim width of a value
     */
    public ValueRound(int headDim) {
        sums = new float[headDim];
    }

    /**
     * Adds a round's values.
     *
     * @param weights 16 weights, bf16
     * @param correction of what came before
     * @param values as {@link #encode} gives them
     */
    public void add(float[] weights, float correction, byte[] values) {
        denominator =
                SplitProduct.of(denominator, correction)
                        + Floor.bf16(TreeSum.of(weights, 0, ScoreRound.KEYS, TreeSum.LANES_16));
        for (int e = 0; e < EIGHTS; e++) {
            BlockFloat.encode(weights, e * BlockFloat.SIZE, 1, weighing, e * BlockFloat.BYTES);
        }
        for (int d = 0; d < sums.length; d++) {
            float corrected = SplitProduct.of(sums[d], correction);
            sums[d] = BlockFloat.dot(corrected, weighing, 0, values, d * weighing.length, EIGHTS);
        }
    }

    /**
     * Encodes a round's values along the keys.
     *
     * @param values holds {@code [16, headDim]}, bf16
     * @param headDim width of a value
     * @return {@code [headDim]} of two blocks each
     */
    public static byte[] encode(float[] values, int headDim) {
        byte[] blocks = new byte[headDim * EIGHTS * BlockFloat.BYTES];
        for (int d = 0; d < headDim; d++) {
            for (int e = 0; e < EIGHTS; e++) {
                BlockFloat.encode(
                        values,
                        e * BlockFloat.SIZE * headDim + d,
                        headDim,
                        blocks,
                        (d * EIGHTS + e) * BlockFloat.BYTES);
            }
        }
        return blocks;
    }

    /**
     * Ends with the mean of the values.
     *
     * @param output receives it, bf16
     * @param index of its first element
     */
    public void finish(float[] output, int index) {
        float inverse = InverseTable.of(denominator);
        for (int d = 0; d < sums.length; d++) {
            output[index + d] = Floor.bf16(Floor.bf16(sums[d]) * inverse);
        }
    }

    /** The running sum of weights. */
    float denominator() {
        return denominator;
    }

    /** A running sum of values. */
    float sum(int d) {
        return sums[d];
    }
}
