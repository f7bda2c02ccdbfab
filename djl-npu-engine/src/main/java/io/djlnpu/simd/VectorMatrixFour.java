package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link MatrixVector#multiplyPackedFours} on the Vector API: two vectors of rows times four
 * vectors, so that widening a code is shared by four products and loading an input by two. Sums run
 * in the order of {@link VectorPackedMatrix}; even and odd columns take a pass each, because both
 * at once would need more registers than AVX2 has.
 *
 * <p>A core fetches hardly more instructions than the products alone are, so every other
 * instruction of the inner loop counts.
 */
final class VectorMatrixFour {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final int LANES = Lanes.COUNT;

    /** Rows that are multiplied together. */
    private static final int ROWS = VectorUnitTotals.ROWS;

    /** Units whose codes, inputs and sums are in L1 for all passes. */
    private static final int MOST_UNITS = 8;

    /** Rows of units that are multiplied with the same inputs, which stay in L1. */
    private static final int MOST_ROW_BLOCKS = 8;

    /** Bytes of a unit's inputs of four vectors. */
    private static final int X_BYTES = 4 * 4 * Q4nxFormat.GROUP_COLUMNS;

    /** Bytes of a unit's sums: two vectors of rows times four. */
    private static final int SUM_BYTES = VectorUnitTotals.SUM_BYTES;

    /** Scratch: the units' sums over even columns, over odd ones, then the totals of all rows. */
    private static final int ODD = MatrixVector.MOST_FOURS * MOST_UNITS * SUM_BYTES;

    private static final int TOTALS = 2 * ODD;

    private static final int SCRATCH_BYTES =
            TOTALS + MOST_ROW_BLOCKS * 32 / ROWS * MatrixVector.MOST_FOURS * 2 * SUM_BYTES;

    /** Passes over a unit: even and odd columns of all rows. */
    private static final int PASSES = 2 * 32 / ROWS;

    private static final int CACHE_LINE = 64;

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
                ahead += (long) count * passBytes(width, fours) * PASSES;
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
     * <p>Meanwhile the next rows are touched in their order, a line before and a line after each
     * unit's products: so paced, the hardware fetches them ahead. A load that waits for memory lets
     * a core run on for some fifty cycles only.
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
                            columns(
                                    units,
                                    line,
                                    count,
                                    more ? ahead : heads,
                                    more ? CACHE_LINE : 0,
                                    batch,
                                    fours,
                                    x + 16 * odd,
                                    15 << 4 * odd,
                                    scratch,
                                    work + (long) odd * ODD);
                    ahead += passBytes(count, fours);
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

    /** Bytes that a pass over units touches ahead: two lines a unit and four. */
    private static int passBytes(int count, int fours) {
        return 2 * CACHE_LINE * count * fours;
    }

    /**
     * Sums of {@code code * x} over the even or the odd columns of each unit.
     *
     * <p>An odd column's nibble counts 16 times too much, which its inputs take back. The upper six
     * nibbles of an int are the lower two of the ints one, two and three bytes further on, so that
     * one mask does for all. A step is two columns: C2 would widen all codes of a longer one before
     * it multiplies any and spill the sums.
     */
    private static long columns(
            MemorySegment unitMemory,
            long firstLine,
            int count,
            long firstAhead,
            int aheadStep,
            MemorySegment batchMemory,
            int fours,
            long firstX,
            int nibble,
            MemorySegment scratchMemory,
            long firstSum) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment batch = RawMemory.of(batchMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long end = firstLine + (long) count * PackedUnits.UNIT_BYTES;
        long touch = 0;
        long ahead = firstAhead;
        for (int f = 0; f < fours; f++) {
            long x = firstX + (long) f * X_BYTES;
            long sum = firstSum + (long) f * SUM_BYTES;
            for (long line = firstLine; line != end; line += PackedUnits.UNIT_BYTES) {
                FloatVector a0 = FloatVector.zero(FLOATS);
                FloatVector a1 = a0;
                FloatVector b0 = a0;
                FloatVector b1 = a0;
                FloatVector c0 = a0;
                FloatVector c1 = a0;
                FloatVector d0 = a0;
                FloatVector d1 = a0;
                touch ^= units.get(JAVA_LONG_UNALIGNED, ahead & RawMemory.INDEX);
                long c = 0;
                for (int i = 0; i < X_BYTES; i += 64) {
                    long codes = line + c & RawMemory.INDEX;
                    long at = x + i & RawMemory.INDEX;
                    FloatVector low =
                            (FloatVector)
                                    IntVector.fromMemorySegment(INTS, units, codes, LITTLE_ENDIAN)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0);
                    FloatVector high =
                            (FloatVector)
                                    IntVector.fromMemorySegment(
                                                    INTS, units, codes + 4L * LANES, LITTLE_ENDIAN)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0);
                    FloatVector v =
                            FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at));
                    a0 = low.fma(v, a0);
                    a1 = high.fma(v, a1);
                    v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 4));
                    b0 = low.fma(v, b0);
                    b1 = high.fma(v, b1);
                    v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 8));
                    c0 = low.fma(v, c0);
                    c1 = high.fma(v, c1);
                    v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 12));
                    d0 = low.fma(v, d0);
                    d1 = high.fma(v, d1);
                    low =
                            (FloatVector)
                                    IntVector.fromMemorySegment(
                                                    INTS, units, codes + 1, LITTLE_ENDIAN)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0);
                    high =
                            (FloatVector)
                                    IntVector.fromMemorySegment(
                                                    INTS,
                                                    units,
                                                    codes + 4L * LANES + 1,
                                                    LITTLE_ENDIAN)
                                            .and(nibble)
                                            .convert(VectorOperators.I2F, 0);
                    v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 32));
                    a0 = low.fma(v, a0);
                    a1 = high.fma(v, a1);
                    v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 36));
                    b0 = low.fma(v, b0);
                    b1 = high.fma(v, b1);
                    v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 40));
                    c0 = low.fma(v, c0);
                    c1 = high.fma(v, c1);
                    v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 44));
                    d0 = low.fma(v, d0);
                    d1 = high.fma(v, d1);
                    // 0, 2, 128, 130 and so on: the bits between carry
                    c = (c | 2 * PackedUnits.LINE_BYTES - 4) + 2 & -2 * PackedUnits.LINE_BYTES + 3;
                }
                long to = sum & RawMemory.INDEX;
                a0.intoMemorySegment(scratch, to, LITTLE_ENDIAN);
                a1.intoMemorySegment(scratch, to + 4L * LANES, LITTLE_ENDIAN);
                b0.intoMemorySegment(scratch, to + 8L * LANES, LITTLE_ENDIAN);
                b1.intoMemorySegment(scratch, to + 12L * LANES, LITTLE_ENDIAN);
                c0.intoMemorySegment(scratch, to + 16L * LANES, LITTLE_ENDIAN);
                c1.intoMemorySegment(scratch, to + 20L * LANES, LITTLE_ENDIAN);
                d0.intoMemorySegment(scratch, to + 24L * LANES, LITTLE_ENDIAN);
                d1.intoMemorySegment(scratch, to + 28L * LANES, LITTLE_ENDIAN);
                touch ^= units.get(JAVA_LONG_UNALIGNED, ahead + aheadStep & RawMemory.INDEX);
                ahead += 2L * aheadStep;
                x += (long) fours * X_BYTES;
                sum += (long) fours * SUM_BYTES;
            }
        }
        return touch;
    }
}
