package io.djlnpu.simd;

import java.lang.foreign.MemorySegment;

/**
 * Q4NX matrix times vector, the core of the decode projection: straight from the blocks, or from
 * the same weights as {@link PackedUnits}.
 *
 * <p><b>Numerics</b>: {@code y_r = sum_g s_rg * (sum_c q_rc * x_c) + sum_g m_rg * (sum_c x_c)} in
 * float32 with fused multiply-adds; weights are never rounded. Even and odd columns of a group are
 * summed apart. Both layouts give the same bits.
 */
public interface MatrixVector {

    /** Floats of scratch that {@link #multiply} needs. */
    int SCRATCH_FLOATS = 8192;

    /** Fours of vectors that {@link #multiplyPackedFours} takes at once. */
    int MOST_FOURS = 2;

    /**
     * Returns the floats that {@link #prepare} writes for a vector.
     *
     * @param paddedColumns length of the vector, a multiple of 256
     * @return floats of the prepared form
     */
    static int preparedLength(int paddedColumns) {
        return 2 * paddedColumns + paddedColumns / 32;
    }

    /**
     * Lays out a vector for {@link #multiply}; done once a vector, used for every row.
     *
     * @param x the vector
     * @param xIndex its first float
     * @param columns its length
     * @param paddedColumns the length with padding, a multiple of 256
     * @param prepared receives {@link #preparedLength} floats
     */
    void prepare(
            MemorySegment x, long xIndex, int columns, int paddedColumns, MemorySegment prepared);

    /**
     * Multiplies row blocks.
     *
     * @param blocks Q4NX blocks
     * @param offset byte offset of the first row block
     * @param rowBlocks how many row blocks of 32 rows
     * @param columnBlocks blocks of 256 columns in a row block
     * @param prepared the vector as {@link #prepare} wrote it
     * @param y receives {@code 32 * rowBlocks} floats from {@code yIndex}
     * @param yIndex index of the first float written
     * @param scratch {@link #SCRATCH_FLOATS} floats of this thread's own
     */
    void multiply(
            MemorySegment blocks,
            long offset,
            int rowBlocks,
            int columnBlocks,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch);

    /**
     * Multiplies rows of units.
     *
     * @param units as {@link PackedUnits} lays them out, with its slack behind the last
     * @param offset byte offset of the first row of units
     * @param rowBlocks how many rows of units, 32 rows of the matrix each
     * @param across units of a row
     * @param paddedColumns as it was in {@link #prepare}
     * @param prepared the vector as {@link #prepare} wrote it
     * @param y receives {@code 32 * rowBlocks} floats from {@code yIndex}
     * @param yIndex index of the first float written
     * @param scratch {@link #SCRATCH_FLOATS} floats of this thread's own
     */
    void multiplyPacked(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch);

    /**
     * Returns the floats that {@link #prepareFours} writes.
     *
     * @param paddedColumns length of the vectors, a multiple of 256
     * @param fours how many fours of vectors
     * @return floats of their prepared form
     */
    static int preparedLengthOfFours(int paddedColumns, int fours) {
        return 4 * fours * (paddedColumns + paddedColumns / 32);
    }

    /**
     * Returns how many fours are the quickest way to multiply some vectors; those left over are
     * multiplied one by one, and what a last four lacks is computed for nothing.
     *
     * @param vectors 1 or more, at most four times {@link #MOST_FOURS}
     * @return 0 to {@link #MOST_FOURS}
     */
    default int foursOf(int vectors) {
        return vectors / 4 + (vectors % 4 == 3 ? 1 : 0);
    }

    /**
     * Lays out prepared vectors side by side for {@link #multiplyPackedFours}.
     *
     * @param vectors as {@link #prepare} wrote them
     * @param fours how many fours of them
     * @param paddedColumns their length
     * @param batch receives {@link #preparedLengthOfFours} floats
     */
    static void prepareFours(
            MemorySegment[] vectors, int fours, int paddedColumns, MemorySegment batch) {
        PreparedVector.interleave(vectors, fours, paddedColumns, batch);
    }

    /**
     * Multiplies rows of units with four or eight vectors, each to the bit as {@link
     * #multiplyPacked} would: weights are read once, and widened once for every four.
     *
     * @param units as {@link PackedUnits} lays them out, with its slack behind the last
     * @param offset byte offset of the first row of units
     * @param rowBlocks how many rows of units, 32 rows of the matrix each
     * @param across units of a row
     * @param paddedColumns as it was in {@link #prepareFours}
     * @param batch the vectors as {@link #prepareFours} wrote them
     * @param fours how many fours they are, at most {@link #MOST_FOURS}
     * @param products of four vectors each, each receives {@code 32 * rowBlocks} floats from {@code
     *     yIndex}
     * @param yIndex index of the first float written of each product
     * @param scratch {@link #SCRATCH_FLOATS} floats of this thread's own
     */
    void multiplyPackedFours(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment batch,
            int fours,
            MemorySegment[] products,
            long yIndex,
            MemorySegment scratch);
}
