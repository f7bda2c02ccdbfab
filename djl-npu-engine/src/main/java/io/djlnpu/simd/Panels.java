package io.djlnpu.simd;

import java.lang.foreign.MemorySegment;

/**
 * The two halves of a prefill matrix product: weights expanded to a panel of float32, and the panel
 * times a tile of tokens.
 *
 * <p><b>Shape</b>: a panel is {@code [columns][32 rows]}, at most 256 columns; an accumulator holds
 * 32 floats a token. Token tiles are packed {@code [column][token]}, {@link #tokens} wide.
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
     * Lays out a tile of tokens.
     *
     * @param x {@code [tokens][columns]}
     * @param xIndex index of the first
     * @param columns values of a token
     * @param paddedColumns the values with padding, which becomes 0
     * @param tokens tokens in use, 1 to {@link #tokens}; the others become 0
     * @param tile receives {@code [paddedColumns][tokens()]}
     * @param tileIndex index of the first
     */
    void pack(
            MemorySegment x,
            long xIndex,
            int columns,
            int paddedColumns,
            int tokens,
            MemorySegment tile,
            long tileIndex);

    /**
     * Adds a panel's product with tiles of tokens.
     *
     * @param panel as {@link #dequantize} wrote it
     * @param columns columns of the panel
     * @param tiles tiles of tokens, {@code [columns][tokens()]} each
     * @param tileIndex index of the first float of the first tile
     * @param tileStep distance of one tile and the next
     * @param tokens tokens in use, at least 1; what happens to the sums of others in the last tile
     *     is undefined
     * @param sums accumulators {@code [tokens][32]}, with room for a whole last tile
     */
    void multiplyAdd(
            MemorySegment panel,
            int columns,
            MemorySegment tiles,
            long tileIndex,
            long tileStep,
            int tokens,
            MemorySegment sums);

    /**
     * Writes each token's 32 outputs.
     *
     * @param sums accumulators {@code [tokens][32]}
     * @param tokens how many
     * @param narrow whether outputs are rounded to bf16
     * @param y receives 32 floats a token
     * @param yIndex index of the first token's first
     * @param yStep distance of one token's outputs and the next's
     */
    void store(
            MemorySegment sums,
            int tokens,
            boolean narrow,
            MemorySegment y,
            long yIndex,
            long yStep);
}
