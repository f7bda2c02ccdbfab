package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.BlockQuantizer.LANES;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import java.util.Arrays;

/**
 * Every weight counts as much as its importance says.
 *
 * <p><b>Numerics</b>: importances are 24-bit integers, residuals are counted in 1/65536 of a step,
 * sums are float32. Coding goes from floats to integers, summing from integers to floats, for the
 * reason that {@link PlainCodingPass} gives; in one loop the two would be too long for the compiler
 * to unroll, and it vectorises only what it unrolls.
 */
final class WeightedCodingPass extends CodingPass {

    private static final int FRACTION_BITS = 16;
    private static final int STEP = 1 << FRACTION_BITS;
    private static final int LEAST = -1024 * STEP;
    private static final int MOST = 1024 * STEP;
    private static final int ONE = 1 << 24;

    private static final int SQUARED_CODES = LANES;
    private static final int RESIDUALS = 2 * LANES;
    private static final int RESIDUALS_TIMES_CODES = 3 * LANES;
    private static final int SQUARED_RESIDUALS = 4 * LANES;

    private final int[] importances = new int[GROUP_COLUMNS * LANES];
    private final float[] pairs = new float[2 * LANES];
    private final int[] coded = new int[2 * LANES];
    private final float[] sums = new float[5 * LANES];
    private float[] weights;

    @Override
    void load(float[] block, float[] each) {
        weights = block;
        Arrays.fill(importance, 0);
        for (int i = 0; i < each.length; i++) {
            importances[i] = Math.round(each[i] * ONE);
            importance[i % LANES] += importances[i];
        }
    }

    @Override
    void run(float[] scale, float[] min) {
        Arrays.fill(sums, 0);
        for (int lane = 0; lane < LANES; lane++) {
            pairs[lane] = min[lane];
            pairs[lane + LANES] = STEP / scale[lane];
        }
        for (int column = 0; column < weights.length; column += LANES) {
            code(weights, column, pairs, coded);
            add(importances, column, coded, sums);
        }
        float step = STEP;
        for (int lane = 0; lane < LANES; lane++) {
            codes[lane] = sums[lane];
            squaredCodes[lane] = sums[lane + SQUARED_CODES];
            residuals[lane] = sums[lane + RESIDUALS] / step;
            residualsTimesCodes[lane] = sums[lane + RESIDUALS_TIMES_CODES] / step;
            squaredResiduals[lane] = sums[lane + SQUARED_RESIDUALS] / (step * step);
        }
    }

    private static void code(float[] weights, int column, float[] pairs, int[] coded) {
        for (int lane = 0; lane < LANES; lane++) {
            int steps = (int) ((weights[column + lane] - pairs[lane]) * pairs[lane + LANES]);
            steps = Math.max(LEAST, Math.min(MOST, steps));
            int code = Math.max(0, Math.min(MAX_CODE, steps + STEP / 2 >> FRACTION_BITS));
            coded[lane] = code;
            coded[lane + LANES] = steps - (code << FRACTION_BITS);
        }
    }

    private static void add(int[] importances, int column, int[] coded, float[] sums) {
        for (int lane = 0; lane < LANES; lane++) {
            float weight = importances[column + lane];
            float code = coded[lane];
            float residual = coded[lane + LANES];
            float weightedCode = weight * code;
            float weightedResidual = weight * residual;
            sums[lane] += weightedCode;
            sums[lane + SQUARED_CODES] += weightedCode * code;
            sums[lane + RESIDUALS] += weightedResidual;
            sums[lane + RESIDUALS_TIMES_CODES] += weightedResidual * code;
            sums[lane + SQUARED_RESIDUALS] += weightedResidual * residual;
        }
    }
}
