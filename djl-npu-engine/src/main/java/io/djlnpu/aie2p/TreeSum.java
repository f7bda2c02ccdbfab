package io.djlnpu.aie2p;

/**
 * The sum of a vector in an accumulator of several lanes: each lane adds every so-many-th element
 * in order, then halves of the lanes are added until one is left.
 *
 * <p><b>Numerics</b>: float32, one rounding an addition.
 */
public final class TreeSum {

    /** Lanes of norms and of attention weights. */
    public static final int LANES_16 = 16;

    /** Lanes of a weight group's inputs. */
    public static final int LANES_32 = 32;

    private TreeSum() {}

    /**
     * Adds up.
     *
     * @param values the vector
     * @param index its first element
     * @param count its length
     * @param lanes of the accumulator, a power of two
     * @return the sum
     */
    public static float of(float[] values, int index, int count, int lanes) {
        float[] sums = new float[lanes];
        for (int i = 0; i < count; i++) {
            sums[i % lanes] += values[index + i];
        }
        return fold(sums);
    }

    /**
     * Adds up squares.
     *
     * @param values bf16 numbers, whose squares are exact
     * @param index first element
     * @param count how many
     * @return the sum over 16 lanes
     */
    public static float ofSquares(float[] values, int index, int count) {
        float[] sums = new float[LANES_16];
        for (int i = 0; i < count; i++) {
            sums[i % LANES_16] += values[index + i] * values[index + i];
        }
        return fold(sums);
    }

    private static float fold(float[] sums) {
        for (int half = sums.length / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                sums[i] += sums[i + half];
            }
        }
        return sums[0];
    }
}
