package io.djlnpu.simd;

import java.lang.foreign.MemorySegment;

/**
 * The two halves of a prefill matrix product: weights expanded to a panel of float32, and the panel
 * times a tile of tokens.
 *
 * <p><b>Shape</b>: a panel is {@code [columns][32 rows]}, at most 256 columns; an accumulator holds
 * 32 floats a token. Token tiles are packed {@code [column][token]}.
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

    /** Tokens of a tile. */
    int TOKENS = 8;

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
     * @param x tile of tokens, {@code [columns][TOKENS]}, from {@code xIndex}; unused tokens are
     *     not looked at
     * @param xIndex index of the first float of the tile
     * @param tokens tokens in use, 1 to {@link #TOKENS}
     * @param sums accumulators {@code [TOKENS][32]} from {@code sumsIndex}
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
     * @param y receives 32 floats
     * @param yIndex index of the first
     */
    void store(float[] sums, int sumsIndex, MemorySegment y, long yIndex);
}
