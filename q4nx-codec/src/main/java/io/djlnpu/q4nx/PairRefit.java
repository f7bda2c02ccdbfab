package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.BlockQuantizer.LANES;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;

import io.djlnpu.numeric.Bfloat16;
import java.util.Arrays;

/**
 * Finds the scale and min of a group that make a {@link QuadraticForm} least while its codes and
 * all other groups stay: two unknowns a row, rounded to bf16, and left as they were where rounding
 * takes the gain. Not thread-safe.
 */
final class PairRefit {

    private final QuadraticForm form;
    private final float[][] values = new float[GROUP_COLUMNS][LANES];
    private final float[] product = new float[LANES];
    private final float[] squares = new float[LANES];
    private final float[] mixed = new float[LANES];
    private final float[] slope = new float[LANES];
    private final float[] offset = new float[LANES];

    PairRefit(QuadraticForm form) {
        this.form = form;
    }

    /**
     * Computes the pairs.
     *
     * @param first the group's first column
     * @param width its columns
     * @param codes of all columns
     * @param gradient of the group's columns, {@code H e}
     * @param scale as it is
     * @param min as it is
     * @param newScale receives the scales, bf16
     * @param newMin receives the mins, bf16
     */
    void pairs(
            int first,
            int width,
            byte[][] codes,
            float[][] gradient,
            float[] scale,
            float[] min,
            float[] newScale,
            float[] newMin) {
        Arrays.fill(squares, 0);
        Arrays.fill(mixed, 0);
        Arrays.fill(slope, 0);
        Arrays.fill(offset, 0);
        for (int i = 0; i < width; i++) {
            byte[] code = codes[first + i];
            float[] value = values[i];
            for (int r = 0; r < LANES; r++) {
                value[r] = code[r];
            }
        }
        float ones = 0;
        for (int i = 0; i < width; i++) {
            float[] row = form.hessian[first + i];
            float sum = 0;
            Arrays.fill(product, 0);
            for (int k = 0; k < width; k++) {
                Rows.one(product, LANES, row[first + k], values[k]);
                sum += row[first + k];
            }
            ones += sum;
            accumulate(values[i], product, gradient[i], sum);
        }
        solve(ones, scale, min, newScale, newMin);
    }

    private void accumulate(float[] value, float[] products, float[] gradient, float sum) {
        for (int r = 0; r < LANES; r++) {
            squares[r] += value[r] * products[r];
            mixed[r] += value[r] * sum;
            slope[r] += value[r] * gradient[r];
            offset[r] += gradient[r];
        }
    }

    private void solve(float ones, float[] scale, float[] min, float[] newScale, float[] newMin) {
        for (int r = 0; r < LANES; r++) {
            newScale[r] = scale[r];
            newMin[r] = min[r];
            double a = squares[r];
            double b = mixed[r];
            double determinant = a * ones - b * b;
            if (!(determinant > 1e-6 * a * ones)) {
                continue;
            }
            double ds = (slope[r] * (double) ones - offset[r] * b) / determinant;
            float rounded = Bfloat16.round((float) (scale[r] + ds));
            if (!(rounded > 0) || Float.isInfinite(rounded)) {
                continue;
            }
            double s = (double) rounded - scale[r];
            // the min that is best beside the scale as it was rounded
            float other = Bfloat16.round((float) (min[r] + (offset[r] - s * b) / ones));
            double m = (double) other - min[r];
            double gain =
                    2 * (s * slope[r] + m * offset[r]) - (s * s * a + 2 * s * m * b + m * m * ones);
            if (gain > 0) {
                newScale[r] = rounded;
                newMin[r] = other;
            }
        }
    }
}
