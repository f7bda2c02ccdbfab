package io.djlnpu.encode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What a text's tokens put into the matrices of one product.
 *
 * @param rows {@code [tokens][columns]}
 * @param columns inputs
 * @param firstTokens the tokens that begin a text
 */
record Inputs(float[][] rows, int columns, int[] firstTokens) {

    static Inputs of(MemorySegment activations, int tokens, int columns, int[] firstTokens) {
        float[][] rows = new float[tokens][columns];
        for (int t = 0; t < tokens; t++) {
            MemorySegment.copy(activations, JAVA_FLOAT, 4L * t * columns, rows[t], 0, columns);
        }
        return new Inputs(rows, columns, firstTokens);
    }

    /** Those of the tokens that begin a text. */
    float[][] firstRows() {
        return Arrays.stream(firstTokens).mapToObj(t -> rows[t]).toArray(float[][]::new);
    }

    /** The mean square of each column. */
    float[] meanSquares() {
        double[] sums = new double[columns];
        for (float[] row : rows) {
            for (int i = 0; i < columns; i++) {
                sums[i] += (double) row[i] * row[i];
            }
        }
        float[] means = new float[columns];
        for (int i = 0; i < columns; i++) {
            means[i] = (float) (sums[i] / rows.length);
        }
        return means;
    }
}
