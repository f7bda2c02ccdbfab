package io.djlnpu.aie2p;

import java.util.Arrays;

/**
 * Adding values in prefill attention under the weights of {@link BlockWeights}: the half of the
 * work that a value tile does for a query.
 *
 * <p><b>Numerics</b>: weights and values are {@link BlockFloat}s along the keys; sums float32,
 * corrected by {@link SplitProduct}. The core's reciprocal has no published bit model; chosen here
 * is IEEE's, narrowed by {@link Floor}.
 */
public final class BlockValues {

    private static final byte[] ONES;

    static {
        float[] ones = new float[BlockFloat.SIZE];
        Arrays.fill(ones, 1);
        ONES = BlockFloat.encode(ones, 0, ones.length);
    }

    private final float[] sums;
    private byte[] weighing;
    private float denominator;

    /**
     * Begins with a query.
     *
     * @param headDim width of a value
     */
    public BlockValues(int headDim) {
        sums = new float[headDim];
    }

    /**
     * Begins a block of keys.
     *
     * @param weights 128 weights, bf16
     * @param correction of what came before
     */
    public void begin(float[] weights, float correction) {
        weighing = BlockFloat.encode(weights, 0, BlockWeights.KEYS);
        float sum = 0;
        for (int at = 0; at < weighing.length; at += BlockFloat.BYTES) {
            sum = BlockFloat.multiplyAdd(sum, weighing, at, ONES, 0);
        }
        denominator = sum + correction * denominator;
        for (int d = 0; d < sums.length; d++) {
            sums[d] = SplitProduct.of(correction, sums[d]);
        }
    }

    /**
     * Adds some values of the block.
     *
     * @param first key, a multiple of 8
     * @param values as {@link ValueRound#encode} gives them, for 16 keys
     */
    public void add(int first, byte[] values) {
        int eights = ScoreRound.KEYS / BlockFloat.SIZE;
        int at = first / BlockFloat.SIZE * BlockFloat.BYTES;
        for (int d = 0; d < sums.length; d++) {
            int value = d * eights * BlockFloat.BYTES;
            sums[d] = BlockFloat.dot(sums[d], weighing, at, values, value, eights);
        }
    }

    /**
     * Ends with the mean of the values.
     *
     * @param output receives it, bf16
     * @param index of its first element
     */
    public void finish(float[] output, int index) {
        float inverse = Floor.bf16(1 / denominator);
        for (int d = 0; d < sums.length; d++) {
            output[index + d] = Floor.bf16(Floor.bf16(sums[d]) * inverse);
        }
    }
}
