package io.djlnpu.simd;

import java.lang.foreign.MemorySegment;

/**
 * The two halves of a prefill matrix product: weights expanded to a panel of float32, and the panel
 * times a tile of tokens.
 *
 * <p><b>Shape</b>: a panel is {@code [columns][32 rows]}, at most 256 columns; an accumulator holds
 * 32 floats a token. Token tiles are packed {@code [column][token]}, {@link #tokens} wide.
 *
 * <p>Tiles and accumulators are heap arrays, the panel is an aligned segment: the panel's loads
 * must not straddle cache lines, and C1 has too few registers for a microkernel on segments alone.
 *
 * <p><b>Numerics</b>: each output is summed over the columns in ascending order with fused
 * multiply-adds, whatever the tile that its token falls into.
 */
public interface Panels {

    /** Rows of a panel. */
    int ROWS = 32;

    /** The most columns of a panel. */
    int COLUMNS = 256;

    /** The most tokens of a tile. */
    int MAX_TOKENS = 8;

    /**
     * Returns the tokens of a tile, as many as this provider's accumulators hold in registers.
     *
     * @return 1 to {@link #MAX_TOKENS}
     */
    int tokens();

    /**
     * Expands neighbouring units: {@code fma(scale, code, min)}.
     *
     * @param units as {@link PackedUnits} lays them out
     * @param offset byte offset of the first
     * @param count how many, at most 8
     * @param panel receives {@code 32 * count} columns
     * @param narrow whether weights are rounded to bf16, as the NPU's dequantisation engine does
     */
    void dequantize(
            MemorySegment units, long offset, int count, MemorySegment panel, boolean narrow);

    /**
     * Adds a panel's product with a tile of tokens.
     *
     * @param panel as {@link #dequantize} wrote it
     * @param columns columns of the panel
     * @param x tile of tokens, {@code [columns][tokens()]}, from {@code xIndex}
     * @param xIndex index of the first float of the tile
     * @param tokens tokens in use, 1 to {@link #tokens}; what happens to the sums of the others is
     *     undefined
     * @param sums accumulators {@code [tokens()][32]} from {@code sumsIndex}
     * @param sumsIndex index of the first accumulator
     */
    void multiplyAdd(
            MemorySegment panel,
            int columns,
            float[] x,
            int xIndex,
            int tokens,
            float[] sums,
            int sumsIndex);

    /**
     * Writes a token's 32 outputs.
     *
     * @param sums accumulators
     * @param sumsIndex index of the token's first accumulator
     * @param narrow whether outputs are rounded to bf16
     * @param y receives 32 floats
     * @param yIndex index of the first
     */
    void store(float[] sums, int sumsIndex, boolean narrow, MemorySegment y, long yIndex);
}
