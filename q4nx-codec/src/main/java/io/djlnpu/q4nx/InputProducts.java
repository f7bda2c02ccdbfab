package io.djlnpu.q4nx;

/**
 * Sums of products of any two columns' inputs over the tokens of a text, the Hessian of a product's
 * squared error. Shares of it may be added to by several threads.
 *
 * <p><b>Numerics</b>: float32.
 */
public final class InputProducts {

    /** Tokens whose rows stay in the second cache while all columns are gone through. */
    private static final int TOKENS = 64;

    private final float[][] lower;

    /**
     * Starts with zeros.
     *
     * @param columns inputs
     */
    public InputProducts(int columns) {
        lower = new float[columns][];
        for (int i = 0; i < columns; i++) {
            lower[i] = new float[i + 1];
        }
    }

    /**
     * Adds tokens to a part of the sums; all parts together make the whole.
     *
     * @param inputs one row of at least {@code columns} values a token
     * @param firstColumn the first column of {@code inputs} that counts
     * @param share which part, 0 to {@code shares - 1}
     * @param shares how many parts
     */
    public void add(float[][] inputs, int firstColumn, int share, int shares) {
        float[] coefficients = new float[TOKENS];
        float[][] rows = new float[TOKENS][lower.length];
        for (int first = 0; first < inputs.length; first += TOKENS) {
            int count = Math.min(TOKENS, inputs.length - first);
            for (int t = 0; t < count; t++) {
                System.arraycopy(inputs[first + t], firstColumn, rows[t], 0, lower.length);
            }
            for (int i = share; i < lower.length; i += shares) {
                for (int t = 0; t < count; t++) {
                    coefficients[t] = rows[t][i];
                }
                Rows.add(lower[i], i + 1, coefficients, 1, rows, 0, count);
            }
        }
    }

    /**
     * Adds another sum, weighed.
     *
     * @param other of as many columns
     * @param weight what it is multiplied by
     */
    public void addAll(InputProducts other, float weight) {
        for (int i = 0; i < lower.length; i++) {
            Rows.one(lower[i], i + 1, weight, other.lower[i]);
        }
    }

    /**
     * Sums the diagonal.
     *
     * @return the sum of all squares
     */
    public double trace() {
        double sum = 0;
        for (int i = 0; i < lower.length; i++) {
            sum += lower[i][i];
        }
        return sum;
    }

    /**
     * Makes the form that errors are measured by.
     *
     * @return the damped form, see {@link QuadraticForm#of}
     */
    public QuadraticForm form() {
        return QuadraticForm.of(lower);
    }
}
