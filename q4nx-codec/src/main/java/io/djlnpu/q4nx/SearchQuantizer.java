package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import io.djlnpu.numeric.Bfloat16;

/**
 * Searches scale and min for the least squared error after both are rounded to bf16.
 *
 * <p>Starts from the converter's pair, which is never beaten by something worse, and from ranges
 * that clip the extremes by a few steps; each is improved by least squares over its codes, rounded,
 * and re-coded with the rounded pair.
 */
final class SearchQuantizer implements GroupQuantizer {

    /** Steps cut off at either end; outliers are worth less than a finer step. */
    private static final float[] CUTS = {0, 0.4f, 0.9f, 1.5f};

    private static final int REFITS = 2;

    private final MinMaxQuantizer converter = new MinMaxQuantizer();
    private final byte[] trial = new byte[GROUP_COLUMNS];
    private float bestError;
    private int bestPair;

    @Override
    public int quantize(float[] weights, int offset, byte[] codes) {
        bestPair = converter.quantize(weights, offset, codes);
        bestError = error(weights, offset, codes, bestPair);
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            min = Math.min(min, weights[offset + i]);
            max = Math.max(max, weights[offset + i]);
        }
        if (!(max > min)) {
            tryPair(weights, offset, codes, 0, min);
            return bestPair;
        }
        float step = (max - min) / MAX_CODE;
        for (float low : CUTS) {
            for (float high : CUTS) {
                improve(
                        weights,
                        offset,
                        codes,
                        step * (MAX_CODE - low - high) / MAX_CODE,
                        min + low * step);
            }
        }
        return bestPair;
    }

    private void improve(float[] weights, int offset, byte[] codes, float scale, float min) {
        for (int refit = 0; refit <= REFITS; refit++) {
            tryPair(weights, offset, codes, scale, min);
            int sumCode = 0;
            int sumSquare = 0;
            float sumWeight = 0;
            float sumProduct = 0;
            for (int i = 0; i < GROUP_COLUMNS; i++) {
                int code = trial[i];
                float w = weights[offset + i];
                sumCode += code;
                sumSquare += code * code;
                sumWeight += w;
                sumProduct = Math.fma(code, w, sumProduct);
            }
            int determinant = GROUP_COLUMNS * sumSquare - sumCode * sumCode;
            if (determinant == 0) {
                return;
            }
            scale = (GROUP_COLUMNS * sumProduct - sumCode * sumWeight) / determinant;
            min = (sumWeight - scale * sumCode) / GROUP_COLUMNS;
            if (!(scale > 0)) {
                return;
            }
        }
    }

    /**
     * Codes the group with the rounded pair and keeps it if it is the best so far; leaves the codes
     * in trial.
     */
    private void tryPair(float[] weights, int offset, byte[] codes, float scale, float min) {
        short scaleBits = Bfloat16.fromFloat(scale);
        short minBits = Bfloat16.fromFloat(min);
        float roundedScale = Bfloat16.toFloat(scaleBits);
        float roundedMin = Bfloat16.toFloat(minBits);
        float inverse = roundedScale == 0 ? 0 : 1 / roundedScale;
        float error = 0;
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            float w = weights[offset + i];
            int code = (int) Math.min(MAX_CODE, Math.max(0, (w - roundedMin) * inverse + 0.5f));
            trial[i] = (byte) code;
            float difference = Math.fma(roundedScale, code, roundedMin) - w;
            error = Math.fma(difference, difference, error);
        }
        if (error < bestError) {
            bestError = error;
            bestPair = GroupQuantizer.pair(scaleBits, minBits);
            System.arraycopy(trial, 0, codes, 0, GROUP_COLUMNS);
        }
    }

    private static float error(float[] weights, int offset, byte[] codes, int pair) {
        float scale = Bfloat16.toFloat(GroupQuantizer.scale(pair));
        float min = Bfloat16.toFloat(GroupQuantizer.min(pair));
        float error = 0;
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            float difference = Math.fma(scale, codes[i], min) - weights[offset + i];
            error = Math.fma(difference, difference, error);
        }
        return Float.isNaN(error) ? Float.POSITIVE_INFINITY : error;
    }
}
