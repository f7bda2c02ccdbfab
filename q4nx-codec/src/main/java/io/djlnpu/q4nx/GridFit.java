package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.BlockQuantizer.LANES;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import io.djlnpu.numeric.Bfloat16;

/**
 * Finds groups whose weights lie on a grid of 16 levels already, as those of models that were
 * trained for 4 bits or dequantised do (Q4_0, Q4_1, MatMulNBits), and keeps every code of them: a
 * second grid across the first would cost a second error.
 *
 * <p>The extremes of such a group are some whole number of steps apart, 15 at most, whatever codes
 * are in use. Not thread-safe.
 */
final class GridFit {

    /** Off a level, in steps: weights were rounded to bf16 or binary16 once, 16 steps from zero. */
    private static final float TOLERANCE = 0.04f;

    private final byte[] trial = new byte[GROUP_COLUMNS];
    private final byte[] best = new byte[GROUP_COLUMNS];
    private double bestError;
    private float bestScale;
    private float bestMin;

    /**
     * Encodes those groups of a block anew that lie on a grid and gain by it.
     *
     * @param weights {@code [32][256]}
     * @param kept receives which lanes lie on a grid, those of equal weights left out
     * @param scales 256 bf16, replaced where a grid is kept
     * @param mins 256 bf16, likewise
     * @param codes {@code [32][256]}, likewise
     */
    void keep(float[] weights, boolean[] kept, short[] scales, short[] mins, byte[] codes) {
        for (int lane = 0; lane < LANES; lane++) {
            kept[lane] = false;
            float step = step(weights, lane);
            if (step == 0) {
                continue;
            }
            kept[lane] = true;
            fit(weights, lane, step);
            float scale = Bfloat16.toFloat(scales[lane]);
            float min = Bfloat16.toFloat(mins[lane]);
            double before = 0;
            for (int i = 0; i < GROUP_COLUMNS; i++) {
                double difference =
                        (double) (scale * codes[i * LANES + lane] + min)
                                - weights[i * LANES + lane];
                before += difference * difference;
            }
            if (bestError < before) {
                scales[lane] = Bfloat16.fromFloat(bestScale);
                mins[lane] = Bfloat16.fromFloat(bestMin);
                for (int i = 0; i < GROUP_COLUMNS; i++) {
                    codes[i * LANES + lane] = best[i];
                }
            }
        }
    }

    /** The grid's step, or 0 if the weights lie on none or are all equal. */
    private static float step(float[] weights, int lane) {
        float low = weights[lane];
        float high = low;
        for (int i = 1; i < GROUP_COLUMNS; i++) {
            low = Math.min(low, weights[i * LANES + lane]);
            high = Math.max(high, weights[i * LANES + lane]);
        }
        if (!(high > low)) {
            return 0;
        }
        for (int steps = 1; steps <= MAX_CODE; steps++) {
            float step = (high - low) / steps;
            if (step >= Float.MIN_NORMAL && liesOn(weights, lane, low, step)) {
                return step;
            }
        }
        return 0;
    }

    private static boolean liesOn(float[] weights, int lane, float low, float step) {
        float inverse = 1 / step;
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            float at = (weights[i * LANES + lane] - low) * inverse;
            if (Math.abs(at - Math.round(at)) > TOLERANCE) {
                return false;
            }
        }
        return true;
    }

    /**
     * Pairs that name the same levels differ by how their bf16 forms are off: with a min that is
     * eight times the scale a weight errs in proportion to itself, with another min everywhere.
     * Levels may be counted from the top as well, by a negative scale.
     */
    private void fit(float[] weights, int lane, float step) {
        bestError = Double.MAX_VALUE;
        float low = Float.MAX_VALUE;
        float high = -Float.MAX_VALUE;
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            low = Math.min(low, weights[i * LANES + lane]);
            high = Math.max(high, weights[i * LANES + lane]);
        }
        int below = Math.round(-low / step);
        int above = Math.round(high / step);
        int spare = MAX_CODE - Math.round((high - low) / step);
        float nearest = Bfloat16.round(step);
        for (int neighbour = -1; neighbour <= 1; neighbour++) {
            int bits = Float.floatToRawIntBits(nearest) + (neighbour << 16);
            float scale = Float.intBitsToFloat(bits);
            if (!(scale > 0) || Float.isInfinite(scale)) {
                continue;
            }
            tryPair(weights, lane, step, low, scale, Bfloat16.round(low), 0);
            for (int unused = 0; unused <= spare; unused++) {
                float min = Bfloat16.round(-(below + unused) * scale);
                tryPair(weights, lane, step, low, scale, min, unused);
                float max = Bfloat16.round((above + unused) * scale);
                tryPair(weights, lane, -step, high, -scale, max, unused);
            }
        }
    }

    private void tryPair(
            float[] weights,
            int lane,
            float step,
            float origin,
            float scale,
            float min,
            int firstCode) {
        double error = 0;
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            float w = weights[i * LANES + lane];
            trial[i] = (byte) (firstCode + Math.round((w - origin) / step));
            double difference = (double) (scale * trial[i] + min) - w;
            error += difference * difference;
        }
        if (error < bestError) {
            bestError = error;
            bestScale = scale;
            bestMin = min;
            System.arraycopy(trial, 0, best, 0, GROUP_COLUMNS);
        }
    }
}
