package io.djlnpu.aie2p;

import java.util.Arrays;

/**
 * Prefill attention of a query over blocks of 128 keys.
 *
 * <p><b>Numerics</b>: scores as in decode; weights by base-2 exponential of the narrowed difference
 * times bf16 log2 e; weights and values as {@link BlockFloat}s along the keys; sums float32,
 * corrected by {@link SplitProduct}. The core's exponential and reciprocal have no published bit
 * model. Chosen here: the exponential takes an argument cut off to bf16 and gives the exact power,
 * narrowed by {@link Floor}; the reciprocal is IEEE's, narrowed. So this class is close to the
 * device, not equal to it. <b>Source</b>: mlir-aie {@code flm_gemma4/prefill.cc}.
 */
public final class AttentionBlock {

    /** Keys between two corrections. */
    public static final int KEYS = 128;

    private static final int EIGHTS = KEYS / BlockFloat.SIZE;
    private static final float LOG2_E = Float.intBitsToFloat(0x3fb90000);
    private static final byte[] ONES;

    static {
        float[] ones = new float[KEYS];
        Arrays.fill(ones, 1);
        ONES = BlockFloat.encode(ones, 0, KEYS);
    }

    private final byte[] query;
    private final float[] sums;
    private final float[] weights = new float[KEYS];
    private float maximum = ScoreRound.LOWEST;
    private float denominator;

    /**
     * Begins with a query.
     *
     * @param q holds it, scaled and rotated, bf16
     * @param index of its first element
     * @param headDim its width, a multiple of 8
     */
    public AttentionBlock(float[] q, int index, int headDim) {
        query = BlockFloat.encode(q, index, headDim);
        sums = new float[headDim];
    }

    /**
     * Attends to a block's keys.
     *
     * @param keys 128 vectors of blocks, one after the other
     * @param values {@code [headDim]} of 16 blocks each, along the keys
     * @param from first visible key
     * @param end one past the last
     */
    public void attend(byte[] keys, byte[] values, int from, int end) {
        Arrays.fill(weights, ScoreRound.LOWEST);
        float greatest = maximum;
        for (int k = from; k < end; k++) {
            int blocks = query.length / BlockFloat.BYTES;
            weights[k] = Floor.bf16(BlockFloat.dot(0, query, 0, keys, k * query.length, blocks));
            greatest = Math.max(greatest, weights[k]);
        }
        for (int k = 0; k < KEYS; k++) {
            weights[k] = exp2(Floor.bf16(weights[k] - greatest) * LOG2_E);
        }
        float correction = exp2(Floor.bf16(Floor.bf16(maximum - greatest) * LOG2_E));
        maximum = greatest;
        byte[] weighing = BlockFloat.encode(weights, 0, KEYS);
        float sum = BlockFloat.dot(0, weighing, 0, ONES, 0, EIGHTS);
        denominator = sum + correction * denominator;
        for (int d = 0; d < sums.length; d++) {
            float corrected = SplitProduct.of(correction, sums[d]);
            sums[d] = BlockFloat.dot(corrected, weighing, 0, values, d * weighing.length, EIGHTS);
        }
    }

    /**
     * Encodes a block's values along the keys.
     *
     * @param values holds {@code [128, headDim]}, bf16
     * @param headDim width of a value
     * @return {@code [headDim]} of 16 blocks each
     */
    public static byte[] encode(float[] values, int headDim) {
        byte[] blocks = new byte[headDim * EIGHTS * BlockFloat.BYTES];
        for (int d = 0; d < headDim; d++) {
            for (int e = 0; e < EIGHTS; e++) {
                int first = e * BlockFloat.SIZE * headDim + d;
                int at = (d * EIGHTS + e) * BlockFloat.BYTES;
                BlockFloat.encode(values, first, headDim, blocks, at);
            }
        }
        return blocks;
    }

    private static float exp2(float x) {
        float cut = Float.intBitsToFloat(Float.floatToRawIntBits(x) & 0xffff0000);
        return Floor.bf16((float) Math.pow(2, cut));
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
