package io.djlnpu.aie2p;

/**
 * RMS norm of a row.
 *
 * <p><b>Numerics</b>: the mean square by {@link TreeSum} and {@link SplitProduct}, its root by
 * {@link InverseRoot}; input times weight exact, the last product split, the result narrowed by
 * {@link Floor}. The weight is {@code 1 + w}.
 */
public final class NormRow {

    private NormRow() {}

    /**
     * Computes what the row is multiplied by.
     *
     * @param x holds the row, bf16
     * @param index of its first element
     * @param width its length
     * @param epsilon added to the mean square
     * @return the reciprocal root of the mean square, float32
     */
    public static float factor(float[] x, int index, int width, float epsilon) {
        return InverseRoot.of(meanSquare(x, index, width, epsilon));
    }

    static float meanSquare(float[] x, int index, int width, float epsilon) {
        return SplitProduct.of(TreeSum.ofSquares(x, index, width), (float) (1.0 / width)) + epsilon;
    }

    /**
     * Norms a row in place.
     *
     * @param x holds the row, bf16
     * @param index of its first element
     * @param width its length
     * @param weight bf16, or null for none
     * @param weightIndex of its first element
     * @param epsilon added to the mean square
     */
    public static void apply(
            float[] x, int index, int width, float[] weight, int weightIndex, float epsilon) {
        float factor = factor(x, index, width, epsilon);
        for (int i = 0; i < width; i++) {
            float weighted = weight == null ? x[index + i] : x[index + i] * weight[weightIndex + i];
            x[index + i] = Floor.bf16(SplitProduct.of(weighted, factor));
        }
    }
}
