package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import io.djlnpu.numeric.Bfloat16;

/**
 * Searches scale and min for the least squared error after both are rounded to bf16.
 *
 * <p>Starts from ranges that clip or exceed the extremes by parts of a step; each is improved by
 * least squares over the residuals of its codes, rounded, and re-coded with the rounded pair. The
 * best pair is polished once more and tried with both neighbours of its scale. What the converter
 * would write stays wherever the search finds nothing better, so no group is ever worse.
 */
final class SearchQuantizer implements BlockQuantizer {

    /** Steps cut off at either end; outliers are worth less than a finer step. */
    private static final float[] CUTS = {-0.4f, 0, 0.4f, 0.8f, 1.2f, 1.6f};

    private static final int REFITS = 2;

    /** Residuals fit 32-bit sums while a step is no smaller than this part of the range. */
    private static final float LEAST_SCALE = 0.045f;

    private final MinMaxQuantizer converter = new MinMaxQuantizer();
    private final CodingPass plain = new PlainCodingPass();
    private final CodingPass weighted = new WeightedCodingPass();
    private CodingPass pass;
    private float[] importances;
    private final float[] low = new float[LANES];
    private final float[] range = new float[LANES];
    private final float[] scale = new float[LANES];
    private final float[] min = new float[LANES];
    private final float[] bestScale = new float[LANES];
    private final float[] bestMin = new float[LANES];
    private final float[] bestError = new float[LANES];
    private final byte[] trial = new byte[GROUP_COLUMNS];

    @Override
    public void quantize(
            float[] weights, float[] importance, short[] scales, short[] mins, byte[] codes) {
        converter.quantize(weights, importance, scales, mins, codes);
        importances = importance;
        pass = importance == null ? plain : weighted;
        pass.load(weights, importance);
        measure(weights);
        for (float lowCut : CUTS) {
            for (float highCut : CUTS) {
                start(lowCut, highCut);
                tryPairs();
                for (int i = 0; i < REFITS; i++) {
                    refit();
                    tryPairs();
                }
            }
        }
        startFromBest(0);
        tryPairs();
        refit();
        tryPairs();
        for (int neighbour = -1; neighbour <= 1; neighbour += 2) {
            startFromBest(neighbour);
            tryPairs();
            recentre();
            tryPairs();
        }
        keepWhatIsBetter(weights, scales, mins, codes);
    }

    private void measure(float[] weights) {
        for (int lane = 0; lane < LANES; lane++) {
            float least = weights[lane];
            float most = least;
            for (int i = lane; i < weights.length; i += LANES) {
                least = Math.min(least, weights[i]);
                most = Math.max(most, weights[i]);
            }
            low[lane] = least;
            range[lane] = most - least;
            bestScale[lane] = 0;
            bestMin[lane] = Bfloat16.round(least);
            bestError[lane] = Float.MAX_VALUE;
        }
    }

    private void start(float lowCut, float highCut) {
        float part = (MAX_CODE - lowCut - highCut) / (MAX_CODE * MAX_CODE);
        for (int lane = 0; lane < LANES; lane++) {
            scale[lane] = Bfloat16.round(range[lane] * part);
            min[lane] = Bfloat16.round(low[lane] + range[lane] / MAX_CODE * lowCut);
        }
    }

    /** Takes the best pair, its scale moved by some bf16 steps around the middle of the range. */
    private void startFromBest(int steps) {
        for (int lane = 0; lane < LANES; lane++) {
            int bits = Float.floatToRawIntBits(bestScale[lane]) + (steps << 16);
            scale[lane] = Float.intBitsToFloat(bits);
            float shift = MAX_CODE / 2f * (bestScale[lane] - scale[lane]);
            min[lane] = Bfloat16.round(bestMin[lane] + shift);
        }
    }

    private void tryPairs() {
        pass.run(scale, min);
        for (int lane = 0; lane < LANES; lane++) {
            float error = pass.squaredResiduals[lane] * scale[lane] * scale[lane];
            if (error < bestError[lane]) {
                bestError[lane] = error;
                bestScale[lane] = scale[lane];
                bestMin[lane] = min[lane];
            }
        }
    }

    /** Least squares: the line through the residuals over the codes is what the pair lacks. */
    private void refit() {
        for (int lane = 0; lane < LANES; lane++) {
            float importance = pass.importance[lane];
            float codes = pass.codes[lane];
            float residuals = pass.residuals[lane];
            float determinant = importance * pass.squaredCodes[lane] - codes * codes;
            float slope =
                    (importance * pass.residualsTimesCodes[lane] - residuals * codes) / determinant;
            float offset = (residuals - slope * codes) / importance;
            float old = scale[lane];
            float next = Math.max(old + slope * old, range[lane] * LEAST_SCALE);
            scale[lane] = Bfloat16.round(next);
            min[lane] = Bfloat16.round(min[lane] + offset * old);
        }
    }

    private void recentre() {
        for (int lane = 0; lane < LANES; lane++) {
            float mean = pass.residuals[lane] / pass.importance[lane];
            min[lane] = Bfloat16.round(min[lane] + mean * scale[lane]);
        }
    }

    /** Compares exactly, as a decoder computes, and re-codes the lanes that gain. */
    private void keepWhatIsBetter(float[] weights, short[] scales, short[] mins, byte[] codes) {
        for (int lane = 0; lane < LANES; lane++) {
            float s = bestScale[lane];
            float m = bestMin[lane];
            float inverse = s > 0 ? 1 / s : 0;
            float oldScale = Bfloat16.toFloat(scales[lane]);
            float oldMin = Bfloat16.toFloat(mins[lane]);
            double before = 0;
            double after = 0;
            for (int i = 0; i < GROUP_COLUMNS; i++) {
                float w = weights[i * LANES + lane];
                double weight = importances == null ? 1 : importances[i * LANES + lane];
                int code = Math.clamp((int) ((w - m) * inverse + 0.5f), 0, MAX_CODE);
                trial[i] = (byte) code;
                double difference = (double) (s * code + m) - w;
                after += weight * difference * difference;
                difference = (double) (oldScale * codes[i * LANES + lane] + oldMin) - w;
                before += weight * difference * difference;
            }
            if (after < before) {
                scales[lane] = Bfloat16.fromFloat(s);
                mins[lane] = Bfloat16.fromFloat(m);
                for (int i = 0; i < GROUP_COLUMNS; i++) {
                    codes[i * LANES + lane] = trial[i];
                }
            }
        }
    }
}
