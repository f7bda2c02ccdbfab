package io.djlnpu.simd;

import java.lang.foreign.MemorySegment;

/**
 * The two halves of a prefill matrix product: a Q4NX block expanded to a panel of float32, and the
 * panel times a tile of tokens.
 *
 * <p><b>Shape</b>: a panel holds 256 columns of 32 rows, rows innermost, in an order of the
 * implementation's own; an accumulator holds 32 floats a token in the same order, put right by
 * {@link #store}. Token tiles are packed {@code [column][token]}.
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

    /** Columns of a panel. */
    int COLUMNS = 256;

    /** Tokens of a tile. */
    int TOKENS = 8;

    /**
     * Expands a block.
     *
     * @param blocks Q4NX blocks
     * @param offset byte offset of the block
     * @param panel receives {@code 256 * 32} floats
     * @param narrow whether weights are rounded to bf16, as the NPU's dequantisation engine does
     * @param scratch {@link MatrixVector#SCRATCH_FLOATS} floats of this thread's own
     */
    void dequantize(
            MemorySegment blocks,
            long offset,
            MemorySegment panel,
            boolean narrow,
            MemorySegment scratch);

    /**
     * Adds a panel's product with a tile of tokens.
     *
     * @param panel as {@link #dequantize} wrote it
     * @param x tile of tokens, {@code [256][TOKENS]}, from {@code xIndex}; unused tokens are zero
     * @param xIndex index of the first float of the tile
     * @param tokens tokens in use, 1 to {@link #TOKENS}
     * @param sums accumulators {@code [TOKENS][32]} from {@code sumsIndex}
     * @param sumsIndex index of the first accumulator
     */
    void multiplyAdd(
            MemorySegment panel, float[] x, int xIndex, int tokens, float[] sums, int sumsIndex);

    /**
     * Writes a token's 32 outputs in the order of the rows.
     *
     * @param sums accumulators
     * @param sumsIndex index of the token's first accumulator
     * @param y receives 32 floats
     * @param yIndex index of the first
     */
    void store(float[] sums, int sumsIndex, MemorySegment y, long yIndex);
}
