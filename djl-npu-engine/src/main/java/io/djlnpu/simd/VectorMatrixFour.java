package io.djlnpu.simd;

import java.lang.foreign.MemorySegment;

/**
 * {@link MatrixVector#multiplyPackedFours} on the Vector API: two vectors of rows times four
 * vectors or eight, so that widening a code is shared by all of them and loading an input by two.
 * Sums run in the order of {@link VectorPackedMatrix}; even and odd columns take a pass each,
 * because both at once would need more registers than there are.
 */
final class VectorMatrixFour {

    private static final int LANES = Lanes.COUNT;

    /** Rows that are multiplied together. */
    private static final int ROWS = VectorUnitTotals.ROWS;

    /** Units whose codes, inputs and sums are in L1 for all passes. */
    private static final int MOST_UNITS = 8;

    /** Rows of units that are multiplied with the same inputs, which stay in L1. */
    private static final int MOST_ROW_BLOCKS = 8;

    private static final int X_BYTES = VectorUnitSums.X_BYTES;

    /** Bytes of a unit's sums: two vectors of rows times four. */
    private static final int SUM_BYTES = VectorUnitTotals.SUM_BYTES;

    /** Scratch: the units' sums over even columns, over odd ones, then the totals of all rows. */
    private static final int ODD = MatrixVector.MOST_FOURS * MOST_UNITS * SUM_BYTES;

    private static final int TOTALS = 2 * ODD;

    private static final int SCRATCH_BYTES =
            TOTALS + MOST_ROW_BLOCKS * 32 / ROWS * MatrixVector.MOST_FOURS * 2 * SUM_BYTES;

    /** Passes over a unit: even and odd columns of all rows. */
    static final int PASSES = 2 * 32 / ROWS;

    /** Keeps the touched values alive, which nobody reads. */
    private long touched;

    void multiply(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment batch,
            int fours,
            MemorySegment[] products,
            long yIndex,
            MemorySegment scratch) {
        if (rowBlocks == 0) {
            return;
        }
        long rowBytes = (long) across * PackedUnits.UNIT_BYTES;
        long row = RawMemory.at(units, offset, rowBlocks * rowBytes + PackedUnits.SLACK_BYTES);
        long vectors =
                RawMemory.at(
                        batch, 0, 4L * MatrixVector.preparedLengthOfFours(paddedColumns, fours));
        long work = RawMemory.at(scratch, 0, SCRATCH_BYTES);
        long end = row + units.byteSize() - offset - PackedUnits.SLACK_BYTES;
        int most = Math.ceilDiv(across, Math.ceilDiv(across, MOST_UNITS));
        for (int r = 0; r < rowBlocks; r += MOST_ROW_BLOCKS) {
            int count = Math.min(MOST_ROW_BLOCKS, rowBlocks - r);
            VectorUnitTotals.clear(
                    scratch, work + TOTALS, 32 / ROWS * count * fours * 2 * SUM_BYTES);
            long ahead = row + count * rowBytes;
            long aheadEnd = Math.min(end, ahead + count * rowBytes);
            for (int g = 0; g < across; g += most) {
                int width = Math.min(most, across - g);
                multiply(
                        units,
                        row + (long) g * PackedUnits.UNIT_BYTES,
                        rowBytes,
                        count,
                        width,
                        ahead,
                        aheadEnd,
                        batch,
                        fours,
                        vectors + (long) g * fours * X_BYTES,
                        vectors + 16L * fours * (paddedColumns + g),
                        scratch,
                        work);
                ahead += (long) count * VectorUnitSums.bytesAhead(width, fours) * PASSES;
            }
            for (int v = 0; v < 4 * fours; v++) {
                VectorUnitTotals.total(
                        scratch,
                        work + TOTALS + 2L * (v / 4) * SUM_BYTES + 8L * LANES * (v % 4),
                        2 * fours * SUM_BYTES,
                        count,
                        products[v],
                        RawMemory.at(products[v], 4 * (yIndex + 32L * r), 4L * 32 * count));
            }
            row += count * rowBytes;
        }
    }

    /**
     * Some units of some rows of units.
     *
     * <p>Meanwhile the next rows are touched in their order, a few lines at a time.
     */
    private void multiply(
            MemorySegment units,
            long firstUnit,
            long rowBytes,
            int rowBlocks,
            int count,
            long firstAhead,
            long aheadEnd,
            MemorySegment batch,
            int fours,
            long x,
            long groupSums,
            MemorySegment scratch,
            long work) {
        long unit = firstUnit;
        long totals = work + TOTALS;
        long ahead = firstAhead;
        long touch = 0;
        for (int r = 0; r < rowBlocks; r++) {
            for (int first = 0; first < 32; first += ROWS) {
                long heads = unit + 4L * first;
                long line = unit + PackedUnits.CODES_OFFSET + PackedUnits.line(first);
                for (int odd = 0; odd < 2; odd++) {
                    boolean more = ahead < aheadEnd;
                    touch ^=
                            VectorUnitSums.of(
                                    units,
                                    line,
                                    count,
                                    more ? ahead : heads,
                                    more,
                                    batch,
                                    fours,
                                    x + 16 * odd,
                                    15 << 4 * odd,
                                    scratch,
                                    work + (long) odd * ODD);
                    ahead += VectorUnitSums.bytesAhead(count, fours);
                }
                for (int f = 0; f < fours; f++) {
                    VectorUnitTotals.addScaled(
                            units,
                            heads,
                            count,
                            scratch,
                            work + (long) f * SUM_BYTES,
                            ODD,
                            fours * SUM_BYTES,
                            totals);
                    VectorUnitTotals.addMins(
                            units,
                            heads,
                            count,
                            batch,
                            groupSums + 16L * f,
                            16 * fours,
                            scratch,
                            totals + SUM_BYTES);
                    totals += 2 * SUM_BYTES;
                }
            }
            unit += rowBytes;
        }
        touched = touch;
    }
}
