package io.djlnpu.q4nx;

import java.util.Arrays;
import java.util.Objects;

/**
 * What an error of the weights of one output costs: {@code e^T H e}, where H is the mean of {@code
 * x x^T} over the inputs of a text, the Hessian of the output's squared error. Immutable.
 *
 * <p>With {@code H = R R^T}, R upper triangular, the cost is the sum over columns k of {@code (R_kk
 * (e_k + sum over j < k of e_j R_jk / R_kk))^2}: encoded in ascending order, a column can make up
 * for the errors of all columns before it.
 */
public final class QuadraticForm {

    /** Added to the diagonal, as a part of its mean: a text is a sample, not the truth. */
    private static final float DAMPING = 0.05f;

    /** Symmetric, {@code [columns][columns]}, damped. */
    final float[][] hessian;

    /** Of column k, {@code R_jk / R_kk} for all {@code j < k}. */
    final float[][] feedback;

    /** What an error that is not made up for costs in each column: {@code R_kk^2}. */
    final float[] cost;

    private QuadraticForm(float[][] hessian, float[][] feedback, float[] cost) {
        this.hessian = hessian;
        this.feedback = feedback;
        this.cost = cost;
    }

    /**
     * Damps and factors a Hessian.
     *
     * @param lower {@code [columns]} rows of {@code row + 1} values at least, of which the lower
     *     triangle is read: sums or means of products of two columns' inputs; not changed
     * @return the form; that of plain squared errors if the text showed nothing but zeros
     * @throws IllegalArgumentException if a value is not finite
     */
    public static QuadraticForm of(float[][] lower) {
        int n = lower.length;
        double trace = 0;
        for (int i = 0; i < n; i++) {
            trace += lower[i][i];
        }
        if (!Double.isFinite(trace) || trace < 0) {
            throw new IllegalArgumentException(
                    "the inputs' squares sum up to " + trace + ", expected a number");
        }
        float mean = (float) (trace / n);
        float scale = mean > 0 ? 1 / mean : 0;
        float[][] hessian = new float[n][n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                hessian[i][k] = lower[i][k] * scale;
                hessian[k][i] = hessian[i][k];
            }
            hessian[i][i] = lower[i][i] * scale + (mean > 0 ? DAMPING : 1);
        }
        float[][] columns = factor(hessian);
        float[] cost = new float[n];
        for (int k = 0; k < n; k++) {
            float pivot = columns[k][k];
            cost[k] = pivot * pivot;
            float[] own = Arrays.copyOf(columns[k], k);
            for (int j = 0; j < k; j++) {
                own[j] /= pivot;
            }
            columns[k] = own;
        }
        return new QuadraticForm(hessian, columns, cost);
    }

    /** Returns R by columns: of column k the rows 0 to k. */
    private static float[][] factor(float[][] hessian) {
        int n = hessian.length;
        float[][] rest = new float[n][];
        for (int i = 0; i < n; i++) {
            rest[i] = Arrays.copyOf(hessian[i], i + 1);
        }
        float[][] done = new float[n][];
        float[][] block = new float[Rows.BLOCK][];
        float[] coefficients = new float[Rows.BLOCK];
        for (int end = n; end > 0; end -= Rows.BLOCK) {
            int first = Math.max(0, end - Rows.BLOCK);
            for (int k = end - 1; k >= first; k--) {
                float[] column = rest[k];
                for (int m = k + 1; m < end; m++) {
                    Rows.one(column, k + 1, -done[m][k], done[m]);
                }
                // float32 may leave a pivot below its damping; it never is below it in truth
                float pivot = (float) Math.sqrt(Math.max(column[k], DAMPING / 2));
                for (int j = 0; j < k; j++) {
                    column[j] /= pivot;
                }
                column[k] = pivot;
                done[k] = column;
                block[k - first] = column;
            }
            for (int i = 0; i < first; i++) {
                for (int m = first; m < end; m++) {
                    coefficients[m - first] = done[m][i];
                }
                Rows.add(rest[i], i + 1, coefficients, -1, block, 0, end - first);
            }
        }
        return done;
    }

    /**
     * Returns the columns.
     *
     * @return inputs of a row of weights
     */
    public int columns() {
        return cost.length;
    }

    /**
     * Computes what errors cost, in units of the mean square of the inputs.
     *
     * @param errors one a column
     * @return {@code e^T H e}, damping included
     */
    public double costOf(float[] errors) {
        Objects.checkFromIndexSize(0, columns(), errors.length);
        double sum = 0;
        for (int i = 0; i < errors.length; i++) {
            double product = 0;
            for (int k = 0; k < errors.length; k++) {
                product += (double) hessian[i][k] * errors[k];
            }
            sum += product * errors[i];
        }
        return sum;
    }
}
