package io.djlnpu.aie2p;

import java.util.Arrays;

/**
 * Weighing keys in decode attention, 16 a round: scores, their running maximum and exponentials.
 *
 * <p><b>Numerics</b>: a score is a product of {@link BlockFloat}s along the head, narrowed by
 * {@link Floor}; the maximum is bf16; a weight is {@link ExpTable} of the narrowed difference,
 * narrowed. The correction of what came before is not narrowed.
 */
public final class ScoreRound {

    /** Keys of a round. */
    public static final int KEYS = 16;

    /** The lowest finite bf16. */
    static final float LOWEST = Float.intBitsToFloat(0xff7f0000);

    private final byte[] query;
    private final float[] scores = new float[KEYS];
    private float maximum = LOWEST;
    private float correction;

    /**
     * Begins with a query head.
     *
     * @param q holds it, scaled and rotated, bf16
     * @param index of its first element
     * @param headDim its width, a multiple of 8
     */
    public ScoreRound(float[] q, int index, int headDim) {
        query = BlockFloat.encode(q, index, headDim);
    }

    /**
     * Weighs a round's keys.
     *
     * @param keys {@code KEYS} vectors of blocks, one after the other
     * @param valid keys that are visible, the first ones; the others weigh nothing
     * @param weights receives 16 weights, bf16
     */
    public void weigh(byte[] keys, int valid, float[] weights) {
        int blocks = query.length / BlockFloat.BYTES;
        float greatest = maximum;
        for (int k = 0; k < valid; k++) {
            scores[k] = Floor.bf16(BlockFloat.dot(0, query, 0, keys, k * query.length, blocks));
            greatest = Math.max(greatest, scores[k]);
        }
        correction = ExpTable.of(Floor.bf16(maximum - greatest));
        maximum = greatest;
        for (int k = 0; k < valid; k++) {
            weights[k] = Floor.bf16(ExpTable.of(Floor.bf16(scores[k] - maximum)));
        }
        Arrays.fill(weights, valid, KEYS, 0);
    }

    /**
     * Returns what the sums of the rounds before are to be multiplied by.
     *
     * @return float32
     */
    public float correction() {
        return correction;
    }

    /** The running maximum. */
    float maximum() {
        return maximum;
    }

    /** The scores of the last round's visible keys. */
    float score(int key) {
        return scores[key];
    }
}
