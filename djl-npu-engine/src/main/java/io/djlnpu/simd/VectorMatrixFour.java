package io.djlnpu.simd;

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
 */
final class VectorMatrixFour {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final int LANES = Lanes.COUNT;

    /** Rows that are multiplied together. */
    private static final int ROWS = 2 * LANES;

    /** Units whose codes, inputs and sums are in L1 for all passes. */
    private static final int UNITS_AT_ONCE = 8;

    /** Bytes of the sums of a unit's even or odd columns: two vectors of rows times four. */
    private static final int SUM_BYTES = 4 * 4 * ROWS;

    /** Bytes of the totals of two vectors of rows times four, and those of their mins. */
    private static final int TOTAL_BYTES = 2 * SUM_BYTES;

    /** Scratch: sums of even columns, of odd ones, then the totals of 32 rows for each four. */
    private static final int ODD_SUMS = UNITS_AT_ONCE * SUM_BYTES;

    private static final int TOTALS = 2 * ODD_SUMS;

    private static final int UNIT_LINES = PackedUnits.UNIT_BYTES / 64;

    /** Cache lines of the units to come that one four touches after each of its passes. */
    private static final int LINES_A_PASS = UNITS_AT_ONCE * UNIT_LINES / (32 / ROWS * 2);

    /** Keeps the touched values alive, which nobody reads. */
    private long touched;

    void multiply(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            float[][] fours,
            int count,
            MemorySegment[] products,
            long yIndex,
            MemorySegment scratch) {
        if (rowBlocks == 0) {
            return;
        }
        long rowBytes = (long) across * PackedUnits.UNIT_BYTES;
        long row = RawMemory.at(units, offset, rowBlocks * rowBytes);
        long end = row + units.byteSize() - offset;
        long work = RawMemory.at(scratch, 0, 4L * MatrixVector.SCRATCH_FLOATS);
        touch(units, row, Math.min(UNITS_AT_ONCE, across) * UNIT_LINES);
        for (int r = 0; r < rowBlocks; r++) {
            clear(scratch, TOTALS, 32 / ROWS * count * TOTAL_BYTES);
            for (int g = 0; g < across; g += UNITS_AT_ONCE) {
                int width = Math.min(UNITS_AT_ONCE, across - g);
                long unit = row + (long) g * PackedUnits.UNIT_BYTES;
                long ahead = unit + (long) width * PackedUnits.UNIT_BYTES;
                int x = 4 * Q4nxFormat.GROUP_COLUMNS * g;
                int groupSums = 4 * (paddedColumns + g);
                for (int first = 0; first < 32; first += ROWS) {
                    long line = unit + PackedUnits.CODES_OFFSET + PackedUnits.line(first);
                    long heads = unit + 4L * first;
                    for (int f = 0; f < count; f++) {
                        float[] four = fours[f];
                        long totals =
                                work + TOTALS + (long) (first / ROWS * count + f) * TOTAL_BYTES;
                        for (int odd = 0; odd < 2; odd++) {
                            columns(
                                    units,
                                    line,
                                    width,
                                    odd,
                                    four,
                                    x,
                                    scratch,
                                    work + (long) odd * ODD_SUMS);
                            int lines = LINES_A_PASS / count;
                            if (ahead + 64L * lines <= end) {
                                touch(units, ahead, lines);
                            }
                            ahead += 64L * lines;
                        }
                        addScaled(units, heads, width, work, scratch, totals);
                        addMins(
                                units,
                                heads,
                                width,
                                four,
                                groupSums,
                                scratch,
                                totals + TOTAL_BYTES / 2);
                    }
                }
            }
            for (int v = 0; v < 4 * count; v++) {
                for (int first = 0; first < 32; first += LANES) {
                    long from =
                            TOTALS
                                    + (long) (first / ROWS * count + v / 4) * TOTAL_BYTES
                                    + 8L * LANES * (v % 4)
                                    + first % ROWS * 4L;
                    total(scratch, from, products[v], yIndex + 32L * r + first);
                }
            }
            row += rowBytes;
        }
    }

    private static void clear(MemorySegment scratch, long from, int bytes) {
        for (int i = 0; i < bytes; i += 4 * LANES) {
            FloatVector.zero(FLOATS).intoMemorySegment(scratch, from + i, LITTLE_ENDIAN);
        }
    }

    /**
     * Brings units into cache: the first ones at once, those to come a few lines after each pass,
     * so that memory is read while sums are computed.
     */
    private void touch(MemorySegment unitMemory, long from, int lines) {
        MemorySegment units = RawMemory.of(unitMemory);
        long touch = 0;
        for (int line = 0; line < lines; line++) {
            touch ^= units.get(JAVA_LONG_UNALIGNED, from + 64L * line & RawMemory.INDEX);
        }
        touched = touch;
    }

    /**
     * Sums of {@code code * x} over the even or the odd columns of each unit; see {@link
     * VectorPackedMatrix} for the nibbles.
     *
     * <p>Inputs are a heap array, because as many loads from a segment pass C2's inlining limit.
     * The loop ends at equality, so that C2 does not unroll it: unrolled, it loads so many inputs
     * at once that accumulators are spilled.
     */
    private static void columns(
            MemorySegment unitMemory,
            long firstLine,
            int count,
            int odd,
            float[] four,
            int firstX,
            MemorySegment scratchMemory,
            long firstSum) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        int first = 15 << 4 * odd;
        int second = 15 << 8 + 4 * odd;
        long lines = firstLine;
        long sum = firstSum;
        int x = firstX + 4 * odd;
        for (int g = 0; g < count; g++) {
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            long next = lines;
            long step = 2;
            int end = x + 4 * Q4nxFormat.GROUP_COLUMNS;
            for (int at = x; at != end; at += 16) {
                long line = next & RawMemory.INDEX;
                IntVector low = IntVector.fromMemorySegment(INTS, units, line, LITTLE_ENDIAN);
                IntVector high =
                        IntVector.fromMemorySegment(INTS, units, line + 4L * LANES, LITTLE_ENDIAN);
                FloatVector p = (FloatVector) low.and(first).convert(VectorOperators.I2F, 0);
                FloatVector q = (FloatVector) high.and(first).convert(VectorOperators.I2F, 0);
                FloatVector v = FloatVector.broadcast(FLOATS, four[at]);
                a0 = p.fma(v, a0);
                a1 = q.fma(v, a1);
                v = FloatVector.broadcast(FLOATS, four[at + 1]);
                b0 = p.fma(v, b0);
                b1 = q.fma(v, b1);
                v = FloatVector.broadcast(FLOATS, four[at + 2]);
                c0 = p.fma(v, c0);
                c1 = q.fma(v, c1);
                v = FloatVector.broadcast(FLOATS, four[at + 3]);
                d0 = p.fma(v, d0);
                d1 = q.fma(v, d1);

                p = (FloatVector) low.and(second).convert(VectorOperators.I2F, 0);
                q = (FloatVector) high.and(second).convert(VectorOperators.I2F, 0);
                v = FloatVector.broadcast(FLOATS, four[at + 8]);
                a0 = p.fma(v, a0);
                a1 = q.fma(v, a1);
                v = FloatVector.broadcast(FLOATS, four[at + 9]);
                b0 = p.fma(v, b0);
                b1 = q.fma(v, b1);
                v = FloatVector.broadcast(FLOATS, four[at + 10]);
                c0 = p.fma(v, c0);
                c1 = q.fma(v, c1);
                v = FloatVector.broadcast(FLOATS, four[at + 11]);
                d0 = p.fma(v, d0);
                d1 = q.fma(v, d1);

                // the upper four nibbles are the lower four of the int two bytes further on
                next += step;
                step = 2 * PackedUnits.LINE_BYTES - step;
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
            lines += PackedUnits.UNIT_BYTES;
            x += 4 * Q4nxFormat.GROUP_COLUMNS;
            sum += SUM_BYTES;
        }
    }

    /** Adds the units' sums, scaled, to the totals. */
    private static void addScaled(
            MemorySegment unitMemory,
            long firstHead,
            int count,
            long firstSum,
            MemorySegment scratchMemory,
            long firstTotal) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long totals = firstTotal & RawMemory.INDEX;
        long heads = firstHead;
        long sums = firstSum;
        FloatVector a0 = FloatVector.fromMemorySegment(FLOATS, scratch, totals, LITTLE_ENDIAN);
        FloatVector a1 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 4L * LANES, LITTLE_ENDIAN);
        FloatVector b0 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 8L * LANES, LITTLE_ENDIAN);
        FloatVector b1 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 12L * LANES, LITTLE_ENDIAN);
        FloatVector c0 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 16L * LANES, LITTLE_ENDIAN);
        FloatVector c1 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 20L * LANES, LITTLE_ENDIAN);
        FloatVector d0 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 24L * LANES, LITTLE_ENDIAN);
        FloatVector d1 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 28L * LANES, LITTLE_ENDIAN);
        for (int g = 0; g < count; g++) {
            long head = heads & RawMemory.INDEX;
            long even = sums & RawMemory.INDEX;
            long odd = even + ODD_SUMS;
            FloatVector scale =
                    IntVector.fromMemorySegment(INTS, units, head, LITTLE_ENDIAN)
                            .and(PackedUnits.SCALE_BITS)
                            .reinterpretAsFloats();
            FloatVector scale2 =
                    IntVector.fromMemorySegment(INTS, units, head + 4L * LANES, LITTLE_ENDIAN)
                            .and(PackedUnits.SCALE_BITS)
                            .reinterpretAsFloats();
            a0 =
                    FloatVector.fromMemorySegment(FLOATS, scratch, even, LITTLE_ENDIAN)
                            .add(FloatVector.fromMemorySegment(FLOATS, scratch, odd, LITTLE_ENDIAN))
                            .fma(scale, a0);
            a1 =
                    FloatVector.fromMemorySegment(FLOATS, scratch, even + 4L * LANES, LITTLE_ENDIAN)
                            .add(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, scratch, odd + 4L * LANES, LITTLE_ENDIAN))
                            .fma(scale2, a1);
            b0 =
                    FloatVector.fromMemorySegment(FLOATS, scratch, even + 8L * LANES, LITTLE_ENDIAN)
                            .add(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, scratch, odd + 8L * LANES, LITTLE_ENDIAN))
                            .fma(scale, b0);
            b1 =
                    FloatVector.fromMemorySegment(
                                    FLOATS, scratch, even + 12L * LANES, LITTLE_ENDIAN)
                            .add(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, scratch, odd + 12L * LANES, LITTLE_ENDIAN))
                            .fma(scale2, b1);
            c0 =
                    FloatVector.fromMemorySegment(
                                    FLOATS, scratch, even + 16L * LANES, LITTLE_ENDIAN)
                            .add(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, scratch, odd + 16L * LANES, LITTLE_ENDIAN))
                            .fma(scale, c0);
            c1 =
                    FloatVector.fromMemorySegment(
                                    FLOATS, scratch, even + 20L * LANES, LITTLE_ENDIAN)
                            .add(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, scratch, odd + 20L * LANES, LITTLE_ENDIAN))
                            .fma(scale2, c1);
            d0 =
                    FloatVector.fromMemorySegment(
                                    FLOATS, scratch, even + 24L * LANES, LITTLE_ENDIAN)
                            .add(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, scratch, odd + 24L * LANES, LITTLE_ENDIAN))
                            .fma(scale, d0);
            d1 =
                    FloatVector.fromMemorySegment(
                                    FLOATS, scratch, even + 28L * LANES, LITTLE_ENDIAN)
                            .add(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, scratch, odd + 28L * LANES, LITTLE_ENDIAN))
                            .fma(scale2, d1);
            heads += PackedUnits.UNIT_BYTES;
            sums += SUM_BYTES;
        }
        a0.intoMemorySegment(scratch, totals, LITTLE_ENDIAN);
        a1.intoMemorySegment(scratch, totals + 4L * LANES, LITTLE_ENDIAN);
        b0.intoMemorySegment(scratch, totals + 8L * LANES, LITTLE_ENDIAN);
        b1.intoMemorySegment(scratch, totals + 12L * LANES, LITTLE_ENDIAN);
        c0.intoMemorySegment(scratch, totals + 16L * LANES, LITTLE_ENDIAN);
        c1.intoMemorySegment(scratch, totals + 20L * LANES, LITTLE_ENDIAN);
        d0.intoMemorySegment(scratch, totals + 24L * LANES, LITTLE_ENDIAN);
        d1.intoMemorySegment(scratch, totals + 28L * LANES, LITTLE_ENDIAN);
    }

    /** Adds the units' mins times the sums of their inputs. */
    private static void addMins(
            MemorySegment unitMemory,
            long firstHead,
            int count,
            float[] four,
            int firstGroupSum,
            MemorySegment scratchMemory,
            long firstTotal) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long totals = firstTotal & RawMemory.INDEX;
        long heads = firstHead;
        int groupSums = firstGroupSum;
        FloatVector a0 = FloatVector.fromMemorySegment(FLOATS, scratch, totals, LITTLE_ENDIAN);
        FloatVector a1 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 4L * LANES, LITTLE_ENDIAN);
        FloatVector b0 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 8L * LANES, LITTLE_ENDIAN);
        FloatVector b1 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 12L * LANES, LITTLE_ENDIAN);
        FloatVector c0 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 16L * LANES, LITTLE_ENDIAN);
        FloatVector c1 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 20L * LANES, LITTLE_ENDIAN);
        FloatVector d0 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 24L * LANES, LITTLE_ENDIAN);
        FloatVector d1 =
                FloatVector.fromMemorySegment(FLOATS, scratch, totals + 28L * LANES, LITTLE_ENDIAN);
        for (int g = 0; g < count; g++) {
            long head = heads & RawMemory.INDEX;
            FloatVector min =
                    IntVector.fromMemorySegment(INTS, units, head, LITTLE_ENDIAN)
                            .lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT)
                            .reinterpretAsFloats();
            FloatVector min2 =
                    IntVector.fromMemorySegment(INTS, units, head + 4L * LANES, LITTLE_ENDIAN)
                            .lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT)
                            .reinterpretAsFloats();
            FloatVector v;
            v = FloatVector.broadcast(FLOATS, four[groupSums]);
            a0 = v.fma(min, a0);
            a1 = v.fma(min2, a1);
            v = FloatVector.broadcast(FLOATS, four[groupSums + 1]);
            b0 = v.fma(min, b0);
            b1 = v.fma(min2, b1);
            v = FloatVector.broadcast(FLOATS, four[groupSums + 2]);
            c0 = v.fma(min, c0);
            c1 = v.fma(min2, c1);
            v = FloatVector.broadcast(FLOATS, four[groupSums + 3]);
            d0 = v.fma(min, d0);
            d1 = v.fma(min2, d1);
            heads += PackedUnits.UNIT_BYTES;
            groupSums += 4;
        }
        a0.intoMemorySegment(scratch, totals, LITTLE_ENDIAN);
        a1.intoMemorySegment(scratch, totals + 4L * LANES, LITTLE_ENDIAN);
        b0.intoMemorySegment(scratch, totals + 8L * LANES, LITTLE_ENDIAN);
        b1.intoMemorySegment(scratch, totals + 12L * LANES, LITTLE_ENDIAN);
        c0.intoMemorySegment(scratch, totals + 16L * LANES, LITTLE_ENDIAN);
        c1.intoMemorySegment(scratch, totals + 20L * LANES, LITTLE_ENDIAN);
        d0.intoMemorySegment(scratch, totals + 24L * LANES, LITTLE_ENDIAN);
        d1.intoMemorySegment(scratch, totals + 28L * LANES, LITTLE_ENDIAN);
    }

    private static void total(MemorySegment scratch, long from, MemorySegment y, long yIndex) {
        FloatVector.fromMemorySegment(FLOATS, scratch, from, LITTLE_ENDIAN)
                .add(
                        FloatVector.fromMemorySegment(
                                FLOATS, scratch, from + TOTAL_BYTES / 2, LITTLE_ENDIAN))
                .intoMemorySegment(y, 4 * yIndex, LITTLE_ENDIAN);
    }
}
