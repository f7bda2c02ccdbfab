package io.djlnpu.simd;

import java.lang.foreign.MemorySegment;

/**
 * Dense arithmetic for many tokens at once, the tokens side by side in the lanes; the vision tower
 * runs on it.
 *
 * <p><b>Shape</b>: a panel holds {@link #TOKENS} tokens as {@code [width][TOKENS]} in an aligned
 * segment; the other factor is tiles {@code [columns][tileRows]}; a product is {@code
 * [rows][TOKENS]}, which is a panel again. So no result is ever transposed, norms need no sums
 * across lanes, and the scores of attention are the panel of its second product.
 *
 * <p><b>Numerics</b>: float32 with fused multiply-adds in ascending order of the inner dimension,
 * the same for a token in whatever lane it lies. Where {@code narrow} is set, results are rounded
 * to the nearest bf16.
 */
public interface TokenPanels {

    /** Tokens of a panel. */
    int TOKENS = 32;

    /** Floats of a softmax state: the maximum and the sum of each token. */
    int STATE_FLOATS = 2 * TOKENS;

    /** How a product leaves its kernel. */
    enum Finish {
        /** {@code y = product + bias}. */
        STORE,
        /** {@code y = gelu_tanh(product + bias)}. */
        GELU,
        /** {@code y += product + bias}; product and sum are each narrowed. */
        ADD
    }

    /**
     * Returns the rows of a tile, whose sums fit the registers.
     *
     * @return rows
     */
    int tileRows();

    /**
     * Lays out a bf16 row in a tile.
     *
     * @param matrix little-endian bf16
     * @param offset byte offset of the row
     * @param columns values of the row
     * @param tile receives every {@link #tileRows}th value
     * @param tileIndex index of the first
     */
    void pack(MemorySegment matrix, long offset, int columns, MemorySegment tile, long tileIndex);

    /**
     * Adds a product: {@code sums[i][r][t] += sum over c of tiles[i][c][r] * panel[c][t]}.
     *
     * @param panel the tokens
     * @param panelIndex index of the first column's first token, a multiple of 16
     * @param columns the inner dimension
     * @param tiles some {@code [columns][tileRows]}
     * @param tileIndex index of the first
     * @param tileStep distance of one tile and the next
     * @param count tiles, at least 1
     * @param sums {@code [count][tileRows][TOKENS]}
     * @param sumsIndex index of the first
     */
    void multiplyAdd(
            MemorySegment panel,
            long panelIndex,
            int columns,
            MemorySegment tiles,
            long tileIndex,
            long tileStep,
            int count,
            MemorySegment sums,
            long sumsIndex);

    /**
     * Finishes rows of a product.
     *
     * @param sums {@code [rows][TOKENS]}
     * @param sumsIndex index of the first
     * @param rows how many
     * @param bias one a row
     * @param biasIndex index of the first
     * @param finish what becomes of them
     * @param narrow whether to round to bf16
     * @param y a panel's rows
     * @param yIndex index of the first row
     */
    void finish(
            MemorySegment sums,
            long sumsIndex,
            int rows,
            float[] bias,
            int biasIndex,
            Finish finish,
            boolean narrow,
            MemorySegment y,
            long yIndex);

    /**
     * LayerNorm of every token of a panel: {@code y = (x - mean) / sqrt(variance + epsilon) *
     * weight + bias}.
     *
     * @param x {@code [width][TOKENS]}
     * @param xIndex index of the first
     * @param weight one a column
     * @param bias one a column
     * @param epsilon added to the variance
     * @param narrow whether to round to bf16
     * @param y receives {@code [width][TOKENS]}, may be the input
     * @param yIndex index of the first
     */
    void layerNorm(
            MemorySegment x,
            long xIndex,
            float[] weight,
            float[] bias,
            float epsilon,
            boolean narrow,
            MemorySegment y,
            long yIndex);

    /**
     * Online softmax: takes a run of scores into the state, and shrinks what was summed before.
     *
     * @param scores {@code [keys][TOKENS]} before scaling; becomes the panel of unnormalised
     *     weights
     * @param keys how many, at least 1
     * @param scale factor of the scores, positive
     * @param state {@link #STATE_FLOATS}; at first {@code -infinity} and 0
     * @param output {@code [rows][TOKENS]}, unnormalised, multiplied by the decay
     * @param rows rows of the output
     */
    void absorb(
            MemorySegment scores,
            int keys,
            float scale,
            float[] state,
            MemorySegment output,
            int rows);

    /**
     * Divides the output of attention by the sum of its weights.
     *
     * @param output {@code [rows][TOKENS]}
     * @param rows how many
     * @param state as {@link #absorb} left it
     * @param narrow whether to round to bf16
     * @param y a panel's rows
     * @param yIndex index of the first row
     */
    void normalize(
            MemorySegment output,
            int rows,
            float[] state,
            boolean narrow,
            MemorySegment y,
            long yIndex);
}
