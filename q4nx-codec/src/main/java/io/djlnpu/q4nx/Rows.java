package io.djlnpu.q4nx;

/**
 * Sums of scaled rows, the one inner loop of error compensation.
 *
 * <p>Eight rows at a time and one index for all arrays: the compiler vectorises that, and reads and
 * writes the sum once for eight products.
 */
final class Rows {

    /** Rows that are added in one pass over the sum. */
    static final int BLOCK = 8;

    private Rows() {}

    /**
     * Adds {@code sum[i] += factor * (c[first] * rows[first][i] + ... )} over {@code count} rows.
     *
     * @param sum receives the sum
     * @param length how many of its values
     * @param coefficients one a row, by the row's index
     * @param sign multiplies all coefficients
     * @param rows the rows, each of {@code length} values at least, none of them {@code sum}
     * @param first the first row
     * @param end one past the last row
     */
    static void add(
            float[] sum,
            int length,
            float[] coefficients,
            float sign,
            float[][] rows,
            int first,
            int end) {
        int j = first;
        for (; j + BLOCK <= end; j += BLOCK) {
            eight(
                    sum,
                    length,
                    sign * coefficients[j],
                    sign * coefficients[j + 1],
                    sign * coefficients[j + 2],
                    sign * coefficients[j + 3],
                    sign * coefficients[j + 4],
                    sign * coefficients[j + 5],
                    sign * coefficients[j + 6],
                    sign * coefficients[j + 7],
                    rows[j],
                    rows[j + 1],
                    rows[j + 2],
                    rows[j + 3],
                    rows[j + 4],
                    rows[j + 5],
                    rows[j + 6],
                    rows[j + 7]);
        }
        for (; j < end; j++) {
            one(sum, length, sign * coefficients[j], rows[j]);
        }
    }

    static void one(float[] sum, int length, float c, float[] row) {
        for (int i = 0; i < length; i++) {
            sum[i] = Math.fma(c, row[i], sum[i]);
        }
    }

    private static void eight(
            float[] sum,
            int length,
            float c0,
            float c1,
            float c2,
            float c3,
            float c4,
            float c5,
            float c6,
            float c7,
            float[] r0,
            float[] r1,
            float[] r2,
            float[] r3,
            float[] r4,
            float[] r5,
            float[] r6,
            float[] r7) {
        for (int i = 0; i < length; i++) {
            float low = Math.fma(c0, r0[i], c1 * r1[i]);
            float high = Math.fma(c4, r4[i], c5 * r5[i]);
            low = Math.fma(c2, r2[i], low);
            high = Math.fma(c6, r6[i], high);
            low = Math.fma(c3, r3[i], low);
            high = Math.fma(c7, r7[i], high);
            sum[i] += low + high;
        }
    }
}
