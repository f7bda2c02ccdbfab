package io.djlnpu.aie2p;

import java.util.Arrays;

/**
 * Weighing keys in prefill attention, 128 a block: the half of the work that a score tile does for
 * a query.
 *
 * <p><b>Numerics</b>: scores as in {@link ScoreRound}; weights by base-2 exponential of the
 * narrowed difference times bf16 log2 e. The core's exponential has no published bit model. Chosen
 * here: its argument is cut off to bf16, and the exact power narrowed by {@link Floor}. So this
 * class is close to the device, not equal to it. <b>Source</b>: mlir-aie {@code
 * flm_gemma4/prefill.cc}.
 */
public final class BlockWeights {

    /** Keys between two corrections. */
    public static final int KEYS = 128;

    private static final float LOG2_E = Float.intBitsToFloat(0x3fb90000);

    private final byte[] query;
    private float maximum = ScoreRound.LOWEST;
    private float correction;

    /**
     * Begins with a query.
     *
     * @param q holds it, scaled and rotated, bf16
     * @param index of its first element
     * @param headDim its width, a multiple of 8
     */
    public BlockWeights(float[] q, int index, int headDim) {
        query = BlockFloat.encode(q, index, headDim);
    }

    /**
     * Scores a key.
     *
     * @param keys vectors of blocks, one after the other
     * @param key which of them
     * @return the score, bf16
     */
    public float score(byte[] keys, int key) {
        int blocks = query.length / BlockFloat.BYTES;
        return Floor.bf16(BlockFloat.dot(0, query, 0, keys, key * query.length, blocks));
    }

    /**
     * Turns a block's scores into weights.
     *
     * @param scores 128 of them; become weights, bf16
     * @param from first visible key
     * @param end one past the last
     */
    public void weigh(float[] scores, int from, int end) {
        Arrays.fill(scores, 0, from, ScoreRound.LOWEST);
        Arrays.fill(scores, end, KEYS, ScoreRound.LOWEST);
        float greatest = maximum;
        for (int k = from; k < end; k++) {
            greatest = Math.max(greatest, scores[k]);
        }
        for (int k = 0; k < KEYS; k++) {
            scores[k] = exp2(Floor.bf16(scores[k] - greatest) * LOG2_E);
        }
        correction = exp2(Floor.bf16(Floor.bf16(maximum - greatest) * LOG2_E));
        maximum = greatest;
    }

    /**
     * Returns what the sums of the blocks before are to be multiplied by.
     *
     * @return bf16
     */
    public float correction() {
        return correction;
    }

    private static float exp2(float x) {
        float cut = Float.intBitsToFloat(Float.floatToRawIntBits(x) & 0xffff0000);
        return Floor.bf16((float) Math.pow(2, cut));
    }
}
