package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
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
 * {@link MatrixVector#multiplyPacked} on the Vector API: rows in the lanes, two vectors of them
 * where that makes a unit, else four, so that units are one stream through memory.
 *
 * <p>A nibble is masked where it stands and counts 16^n times too much, which is taken back exactly
 * later on, so that nothing is shifted: an int's upper nibbles are the lower ones of the int that
 * begins some bytes further on.
 *
 * <p>Vector calls are written out: C2 stops inlining helpers of ours in graphs of this size, and
 * every vector that passes a call is boxed.
 */
final class VectorPackedMatrix {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final int LANES = Lanes.COUNT;

    /** Rows that are multiplied together. */
    private static final int ROWS = LANES == 16 ? 32 : 4 * LANES;

    /** How far ahead units are touched with 16 lanes: two units. */
    private static final int AHEAD = 2 * PackedUnits.UNIT_BYTES;

    /** Units whose sums lie in scratch together. */
    private static final int UNITS_AT_ONCE = 64;

    /** Scratch: the units' sums, then totals of rows, then totals of their mins. */
    private static final int TOTALS = ROWS * UNITS_AT_ONCE;

    /** Keeps the touched values alive, which nobody reads. */
    private long touched;

    void multiply(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch) {
        if (rowBlocks == 0) {
            return;
        }
        long rowBytes = (long) across * PackedUnits.UNIT_BYTES;
        long row = RawMemory.at(units, offset, rowBlocks * rowBytes + AHEAD);
        long vector = RawMemory.at(prepared, 0, 4L * MatrixVector.preparedLength(paddedColumns));
        long sums = RawMemory.at(scratch, 0, 4L * MatrixVector.SCRATCH_FLOATS);
        for (int r = 0; r < rowBlocks; r++) {
            for (int first = 0; first < 32; first += ROWS) {
                for (int i = TOTALS; i < TOTALS + 2 * ROWS; i++) {
                    scratch.setAtIndex(JAVA_FLOAT, i, 0);
                }
                for (int g = 0; g < across; g += UNITS_AT_ONCE) {
                    int count = Math.min(UNITS_AT_ONCE, across - g);
                    long unit = row + (long) g * PackedUnits.UNIT_BYTES;
                    long x = vector + 4 * 32L * g;
                    if (LANES == 16) {
                        long weighted = x + 4L * paddedColumns;
                        pairs(units, unit, count, prepared, weighted, scratch, sums);
                    } else {
                        fours(
                                units,
                                unit + PackedUnits.line(first),
                                count,
                                prepared,
                                x,
                                scratch,
                                sums);
                    }
                    scaled(
                            units,
                            unit + 4L * first,
                            count,
                            prepared,
                            vector + 4 * (2L * paddedColumns + g),
                            scratch,
                            sums);
                }
                total(scratch, y, yIndex + 32L * r + first);
            }
            row += rowBytes;
        }
    }

    /**
     * Sums of {@code code * x} of neighbouring units, for two vectors of rows. Four columns are a
     * step, and the prepared values take back what nibbles count too much.
     *
     * <p>Memory is touched ahead, because a core's scheduler is full of waiting products before it
     * would reach the next unit's loads.
     */
    private void pairs(
            MemorySegment unitMemory,
            long firstUnit,
            int count,
            MemorySegment preparedMemory,
            long firstX,
            MemorySegment scratchMemory,
            long firstSum) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment prepared = RawMemory.of(preparedMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long line = firstUnit + PackedUnits.CODES_OFFSET;
        long ahead = firstUnit + AHEAD;
        long touch = 0;
        long x = firstX;
        long sum = firstSum;
        for (int g = 0; g < count; g++) {
            touch ^= touch(units, ahead & RawMemory.INDEX);
            FloatVector lowEven = FloatVector.zero(FLOATS);
            FloatVector lowOdd = lowEven;
            FloatVector highEven = lowEven;
            FloatVector highOdd = lowEven;

            for (int four = 0; four < 8; four++) {
                long codes =
                        line + (four >> 1) * (2 * PackedUnits.LINE_BYTES) + (four & 1) * 2
                                & RawMemory.INDEX;
                long at = x + 16 * four & RawMemory.INDEX;
                IntVector low = IntVector.fromMemorySegment(INTS, units, codes, LITTLE_ENDIAN);
                IntVector high =
                        IntVector.fromMemorySegment(INTS, units, codes + 4L * LANES, LITTLE_ENDIAN);

                FloatVector b =
                        FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, at));
                lowEven =
                        ((FloatVector) low.and(15).convert(VectorOperators.I2F, 0)).fma(b, lowEven);
                highEven =
                        ((FloatVector) high.and(15).convert(VectorOperators.I2F, 0))
                                .fma(b, highEven);
                b = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, at + 4));
                lowOdd =
                        ((FloatVector) low.and(15 << 4).convert(VectorOperators.I2F, 0))
                                .fma(b, lowOdd);
                highOdd =
                        ((FloatVector) high.and(15 << 4).convert(VectorOperators.I2F, 0))
                                .fma(b, highOdd);
                b = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, at + 8));
                lowEven =
                        ((FloatVector) low.and(15 << 8).convert(VectorOperators.I2F, 0))
                                .fma(b, lowEven);
                highEven =
                        ((FloatVector) high.and(15 << 8).convert(VectorOperators.I2F, 0))
                                .fma(b, highEven);
                b = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, at + 12));
                lowOdd =
                        ((FloatVector) low.and(15 << 12).convert(VectorOperators.I2F, 0))
                                .fma(b, lowOdd);
                highOdd =
                        ((FloatVector) high.and(15 << 12).convert(VectorOperators.I2F, 0))
                                .fma(b, highOdd);
            }
            long to = sum & RawMemory.INDEX;
            lowEven.add(lowOdd).intoMemorySegment(scratch, to, LITTLE_ENDIAN);
            highEven.add(highOdd).intoMemorySegment(scratch, to + 4L * LANES, LITTLE_ENDIAN);

            line += PackedUnits.UNIT_BYTES;
            ahead += PackedUnits.UNIT_BYTES;
            x += 4 * Q4nxFormat.GROUP_COLUMNS;
            sum += 4 * ROWS;
        }
        touched = touch;
    }

    /**
     * The same for four vectors of rows, where there are half as many lanes. Eight sums leave room
     * for two columns in the registers, so a step is a byte: one mask for even columns, one for odd
     * ones, whose sums are divided by 16 at the end.
     */
    private static void fours(
            MemorySegment unitMemory,
            long firstUnit,
            int count,
            MemorySegment preparedMemory,
            long firstX,
            MemorySegment scratchMemory,
            long firstSum) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment prepared = RawMemory.of(preparedMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long line = firstUnit + PackedUnits.CODES_OFFSET;
        long x = firstX;
        long sum = firstSum;
        for (int g = 0; g < count; g++) {
            FloatVector firstEven = FloatVector.zero(FLOATS);
            FloatVector firstOdd = firstEven;
            FloatVector secondEven = firstEven;
            FloatVector secondOdd = firstEven;
            FloatVector thirdEven = firstEven;
            FloatVector thirdOdd = firstEven;
            FloatVector fourthEven = firstEven;
            FloatVector fourthOdd = firstEven;

            long firstCodes = line & RawMemory.INDEX;
            long firstAt = x & RawMemory.INDEX;
            for (int two = 0; two < 16; two++) {
                long codes = firstCodes + ((two & 12) << 5) + (two & 3);
                long at = firstAt + 8 * two;
                FloatVector even =
                        FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, at));
                FloatVector odd =
                        FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, at + 4));
                IntVector c = IntVector.fromMemorySegment(INTS, units, codes, LITTLE_ENDIAN);
                firstEven =
                        ((FloatVector) c.and(15).convert(VectorOperators.I2F, 0))
                                .fma(even, firstEven);
                firstOdd =
                        ((FloatVector) c.and(15 << 4).convert(VectorOperators.I2F, 0))
                                .fma(odd, firstOdd);
                c = IntVector.fromMemorySegment(INTS, units, codes + 4L * LANES, LITTLE_ENDIAN);
                secondEven =
                        ((FloatVector) c.and(15).convert(VectorOperators.I2F, 0))
                                .fma(even, secondEven);
                secondOdd =
                        ((FloatVector) c.and(15 << 4).convert(VectorOperators.I2F, 0))
                                .fma(odd, secondOdd);
                c = IntVector.fromMemorySegment(INTS, units, codes + 8L * LANES, LITTLE_ENDIAN);
                thirdEven =
                        ((FloatVector) c.and(15).convert(VectorOperators.I2F, 0))
                                .fma(even, thirdEven);
                thirdOdd =
                        ((FloatVector) c.and(15 << 4).convert(VectorOperators.I2F, 0))
                                .fma(odd, thirdOdd);
                c = IntVector.fromMemorySegment(INTS, units, codes + 12L * LANES, LITTLE_ENDIAN);
                fourthEven =
                        ((FloatVector) c.and(15).convert(VectorOperators.I2F, 0))
                                .fma(even, fourthEven);
                fourthOdd =
                        ((FloatVector) c.and(15 << 4).convert(VectorOperators.I2F, 0))
                                .fma(odd, fourthOdd);
            }
            long to = sum & RawMemory.INDEX;
            FloatVector sixteenth = FloatVector.broadcast(FLOATS, 1f / 16);
            firstOdd.fma(sixteenth, firstEven).intoMemorySegment(scratch, to, LITTLE_ENDIAN);
            secondOdd
                    .fma(sixteenth, secondEven)
                    .intoMemorySegment(scratch, to + 4L * LANES, LITTLE_ENDIAN);
            thirdOdd.fma(sixteenth, thirdEven)
                    .intoMemorySegment(scratch, to + 8L * LANES, LITTLE_ENDIAN);
            fourthOdd
                    .fma(sixteenth, fourthEven)
                    .intoMemorySegment(scratch, to + 12L * LANES, LITTLE_ENDIAN);

            line += PackedUnits.UNIT_BYTES;
            x += 4 * Q4nxFormat.GROUP_COLUMNS;
            sum += 4 * ROWS;
        }
    }

    /**
     * Loads a unit's ten cache lines; one by one, as a loop's checks would cost more than loads.
     */
    private static long touch(MemorySegment unitMemory, long unit) {
        MemorySegment units = RawMemory.of(unitMemory);
        return units.get(JAVA_LONG_UNALIGNED, unit)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 64)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 128)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 192)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 256)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 320)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 384)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 448)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 512)
                ^ units.get(JAVA_LONG_UNALIGNED, unit + 576);
    }

    /** Adds the units' sums, scaled, and their mins to the totals. */
    private static void scaled(
            MemorySegment unitMemory,
            long firstHead,
            int count,
            MemorySegment preparedMemory,
            long firstSum,
            MemorySegment scratchMemory,
            long sums) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment prepared = RawMemory.of(preparedMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        for (int part = 0; part < ROWS; part += 2 * LANES) {
            long totals = sums + 4L * (TOTALS + part) & RawMemory.INDEX;
            FloatVector t = FloatVector.fromMemorySegment(FLOATS, scratch, totals, LITTLE_ENDIAN);
            FloatVector t2 =
                    FloatVector.fromMemorySegment(
                            FLOATS, scratch, totals + 4L * LANES, LITTLE_ENDIAN);
            FloatVector m =
                    FloatVector.fromMemorySegment(
                            FLOATS, scratch, totals + 4L * ROWS, LITTLE_ENDIAN);
            FloatVector m2 =
                    FloatVector.fromMemorySegment(
                            FLOATS, scratch, totals + 4L * (ROWS + LANES), LITTLE_ENDIAN);
            long heads = firstHead + 4L * part;
            long from = sums + 4L * part;
            long xs = firstSum;
            for (int g = 0; g < count; g++) {
                long head = heads & RawMemory.INDEX;
                long at = from & RawMemory.INDEX;
                FloatVector x =
                        FloatVector.broadcast(
                                FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, xs & RawMemory.INDEX));
                IntVector h = IntVector.fromMemorySegment(INTS, units, head, LITTLE_ENDIAN);
                t =
                        FloatVector.fromMemorySegment(FLOATS, scratch, at, LITTLE_ENDIAN)
                                .fma(h.and(PackedUnits.SCALE_BITS).reinterpretAsFloats(), t);
                m =
                        x.fma(
                                h.lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT)
                                        .reinterpretAsFloats(),
                                m);
                h = IntVector.fromMemorySegment(INTS, units, head + 4L * LANES, LITTLE_ENDIAN);
                t2 =
                        FloatVector.fromMemorySegment(
                                        FLOATS, scratch, at + 4L * LANES, LITTLE_ENDIAN)
                                .fma(h.and(PackedUnits.SCALE_BITS).reinterpretAsFloats(), t2);
                m2 =
                        x.fma(
                                h.lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT)
                                        .reinterpretAsFloats(),
                                m2);
                heads += PackedUnits.UNIT_BYTES;
                from += 4L * ROWS;
                xs += 4;
            }
            t.intoMemorySegment(scratch, totals, LITTLE_ENDIAN);
            t2.intoMemorySegment(scratch, totals + 4L * LANES, LITTLE_ENDIAN);
            m.intoMemorySegment(scratch, totals + 4L * ROWS, LITTLE_ENDIAN);
            m2.intoMemorySegment(scratch, totals + 4L * (ROWS + LANES), LITTLE_ENDIAN);
        }
    }

    private static void total(MemorySegment scratch, MemorySegment y, long yIndex) {
        for (long part = 0; part < ROWS; part += LANES) {
            FloatVector.fromMemorySegment(FLOATS, scratch, 4 * (TOTALS + part), LITTLE_ENDIAN)
                    .add(
                            FloatVector.fromMemorySegment(
                                    FLOATS, scratch, 4 * (TOTALS + ROWS + part), LITTLE_ENDIAN))
                    .intoMemorySegment(y, 4 * (yIndex + part), LITTLE_ENDIAN);
        }
    }
}
