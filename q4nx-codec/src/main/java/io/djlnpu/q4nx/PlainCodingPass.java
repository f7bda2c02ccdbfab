package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.BlockQuantizer.LANES;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import java.util.Arrays;

/**
 * Every column counts the same.
 *
 * <p><b>Numerics</b>: residuals are counted in 1/1024 of a step and summed as 32-bit integers. The
 * weights and pairs are floats and the sums integers on purpose: arrays of different types cannot
 * overlap, which is what the compiler needs to know to vectorise the loop.
 */
final class PlainCodingPass extends CodingPass {

    private static final int FRACTION_BITS = 10;
    private static final int STEP = 1 << FRACTION_BITS;

    /** Beyond these a residual would not fit; only pairs far off any use come here. */
    private static final int LEAST = -8 * STEP;

    private static final int MOST = 23 * STEP;

    private static final int SQUARED_CODES = LANES;
    private static final int RESIDUALS = 2 * LANES;
    private static final int RESIDUALS_TIMES_CODES = 3 * LANES;
    private static final int SQUARED_RESIDUALS = 4 * LANES;

    private final float[] pairs = new float[2 * LANES];
    private final int[] sums = new int[5 * LANES];
    private float[] weights;

    PlainCodingPass() {
        Arrays.fill(importance, GROUP_COLUMNS);
    }

    @Override
    void load(float[] block, float[] each) {
        weights = block;
    }

    @Override
    void run(float[] scale, float[] min) {
        Arrays.fill(sums, 0);
        for (int lane = 0; lane < LANES; lane++) {
            pairs[lane] = min[lane];
            pairs[lane + LANES] = STEP / scale[lane];
        }
        for (int column = 0; column < weights.length; column += LANES) {
            add(weights, column, pairs, sums);
        }
        for (int lane = 0; lane < LANES; lane++) {
            codes[lane] = sums[lane];
            squaredCodes[lane] = sums[lane + SQUARED_CODES];
            residuals[lane] = (float) sums[lane + RESIDUALS] / STEP;
            residualsTimesCodes[lane] = (float) sums[lane + RESIDUALS_TIMES_CODES] / STEP;
            squaredResiduals[lane] = (float) sums[lane + SQUARED_RESIDUALS] / ((float) STEP * STEP);
        }
    }

    private static void add(float[] weights, int column, float[] pairs, int[] sums) {
        for (int lane = 0; lane < LANES; lane++) {
            int steps = (int) ((weights[column + lane] - pairs[lane]) * pairs[lane + LANES]);
            steps = Math.max(LEAST, Math.min(MOST, steps));
            int code = Math.max(0, Math.min(MAX_CODE, steps + STEP / 2 >> FRACTION_BITS));
            int residual = steps - (code << FRACTION_BITS);
            sums[lane] += code;
            sums[lane + SQUARED_CODES] += code * code;
            sums[lane + RESIDUALS] += residual;
            sums[lane + RESIDUALS_TIMES_CODES] += residual * code;
            sums[lane + SQUARED_RESIDUALS] += residual * residual;
        }
    }
}
