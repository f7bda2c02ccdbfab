package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link MatrixVector} on the Vector API: rows in the lanes, one column's 16 nibbles broadcast and
 * shifted apart.
 *
 * <p>Vector calls are written out: C2 stops inlining helpers of ours in graphs of this size, and
 * every vector that passes a call is boxed.
 */
final class VectorMatrixVector implements MatrixVector {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
    private static final VectorSpecies<Long> LONGS = Lanes.LONGS;
    private static final int LANES = Lanes.COUNT;

    /** Scratch: 32 rows' sums, their mins' sums, then a block's scales and mins. */
    private static final int MIN_SUMS = 32;

    private static final int SCALES = 64;
    private static final int MINS = SCALES + 256;

    private static final IntVector SHIFT =
            IntVector.broadcast(Lanes.INTS, 0).addIndex(1).lanewise(VectorOperators.ASHR, 1).mul(4);

    /** How far ahead packed units are touched: two units. */
    private static final int AHEAD = 2 * PackedUnits.UNIT_BYTES;

    /** Packed units whose sums lie in scratch together, 2 * LANES rows each. */
    private static final int UNITS_AT_ONCE = 64;

    /** Scratch: the units' sums, then totals of rows and of their mins. */
    private static final int TOTALS = 2 * LANES * UNITS_AT_ONCE;

    /** Keeps the touched values alive, which nobody reads. */
    private long touched;

    private final VectorMatrixFour matrixFour = new VectorMatrixFour();

    @Override
    public void prepare(
            MemorySegment x, long xIndex, int columns, int paddedColumns, MemorySegment prepared) {
        PreparedVector.write(x, xIndex, columns, paddedColumns, prepared);
    }

    @Override
    public void multiply(
            MemorySegment blocks,
            long offset,
            int rowBlocks,
            int columnBlocks,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch) {
        long groupSums = 2L * columnBlocks * Q4nxFormat.BLOCK_COLUMNS;
        for (int r = 0; r < rowBlocks; r++) {
            for (int i = 0; i < SCALES; i++) {
                scratch.setAtIndex(JAVA_FLOAT, i, 0);
            }
            for (int b = 0; b < columnBlocks; b++) {
                long block = offset + ((long) r * columnBlocks + b) * Q4nxFormat.BLOCK_BYTES;
                BlockHead.widen(blocks, block, scratch, SCALES);
                BlockHead.widen(blocks, block + Q4nxFormat.MINS_OFFSET, scratch, MINS);
                for (int g = 0; g < Q4nxFormat.BLOCK_GROUPS; g++) {
                    int group = b * Q4nxFormat.BLOCK_GROUPS + g;
                    float sum = prepared.getAtIndex(JAVA_FLOAT, groupSums + group);
                    for (int part = 0; part < 16; part += LANES) {
                        group(
                                blocks,
                                block + Q4nxFormat.CODES_OFFSET + 256L * g,
                                prepared,
                                128L * group,
                                sum,
                                scratch,
                                32 * g,
                                part);
                    }
                }
            }
            for (int position = 0; position < 32; position++) {
                float sum =
                        scratch.getAtIndex(JAVA_FLOAT, position)
                                + scratch.getAtIndex(JAVA_FLOAT, MIN_SUMS + position);
                y.setAtIndex(JAVA_FLOAT, yIndex + 32L * r + BlockHead.row(position), sum);
            }
        }
    }

    /** One group of 32 columns: as many rows as there are lanes, of both halves of the block. */
    private static void group(
            MemorySegment blocks,
            long codes,
            MemorySegment prepared,
            long xOffset,
            float groupSum,
            MemorySegment scratch,
            int pair,
            int part) {
        IntVector shift = SHIFT.add(2 * part);
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        FloatVector highEven = even;
        FloatVector highOdd = even;
        for (int c = 0; c < Q4nxFormat.GROUP_COLUMNS; c += 2) {
            long column = codes + 8L * c;
            FloatVector x =
                    FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT, xOffset + 4L * c));
            even =
                    ((FloatVector)
                                    LongVector.broadcast(
                                                    LONGS, blocks.get(JAVA_LONG_UNALIGNED, column))
                                            .reinterpretAsInts()
                                            .lanewise(VectorOperators.LSHR, shift)
                                            .and(15)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, even);
            highEven =
                    ((FloatVector)
                                    LongVector.broadcast(
                                                    LONGS,
                                                    blocks.get(
                                                            JAVA_LONG_UNALIGNED,
                                                            column + Q4nxFormat.HALF_BYTES))
                                            .reinterpretAsInts()
                                            .lanewise(VectorOperators.LSHR, shift)
                                            .and(15)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, highEven);
            x = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT, xOffset + 4L * c + 4));
            odd =
                    ((FloatVector)
                                    LongVector.broadcast(
                                                    LONGS,
                                                    blocks.get(JAVA_LONG_UNALIGNED, column + 8))
                                            .reinterpretAsInts()
                                            .lanewise(VectorOperators.LSHR, shift)
                                            .and(15)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, odd);
            highOdd =
                    ((FloatVector)
                                    LongVector.broadcast(
                                                    LONGS,
                                                    blocks.get(
                                                            JAVA_LONG_UNALIGNED,
                                                            column + 8 + Q4nxFormat.HALF_BYTES))
                                            .reinterpretAsInts()
                                            .lanewise(VectorOperators.LSHR, shift)
                                            .and(15)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, highOdd);
        }
        FloatVector x = FloatVector.broadcast(FLOATS, groupSum);
        long low = 4L * part;
        long high = 4L * (part + 16);
        long scales = 4L * (SCALES + pair);
        long mins = 4L * (MINS + pair);
        even.add(odd)
                .fma(
                        FloatVector.fromMemorySegment(FLOATS, scratch, scales + low, LITTLE_ENDIAN),
                        FloatVector.fromMemorySegment(FLOATS, scratch, low, LITTLE_ENDIAN))
                .intoMemorySegment(scratch, low, LITTLE_ENDIAN);
        highEven.add(highOdd)
                .fma(
                        FloatVector.fromMemorySegment(
                                FLOATS, scratch, scales + high, LITTLE_ENDIAN),
                        FloatVector.fromMemorySegment(FLOATS, scratch, high, LITTLE_ENDIAN))
                .intoMemorySegment(scratch, high, LITTLE_ENDIAN);
        low += 4L * MIN_SUMS;
        high += 4L * MIN_SUMS;
        FloatVector.fromMemorySegment(FLOATS, scratch, mins + 4L * part, LITTLE_ENDIAN)
                .fma(x, FloatVector.fromMemorySegment(FLOATS, scratch, low, LITTLE_ENDIAN))
                .intoMemorySegment(scratch, low, LITTLE_ENDIAN);
        FloatVector.fromMemorySegment(FLOATS, scratch, mins + 4L * (part + 16), LITTLE_ENDIAN)
                .fma(x, FloatVector.fromMemorySegment(FLOATS, scratch, high, LITTLE_ENDIAN))
                .intoMemorySegment(scratch, high, LITTLE_ENDIAN);
    }

    @Override
    public void multiplyPacked(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch) {
        for (int r = 0; r < rowBlocks; r++) {
            long row = offset + (long) r * across * PackedUnits.UNIT_BYTES;
            for (int first = 0; first < 32; first += 2 * LANES) {
                for (int i = TOTALS; i < TOTALS + 4 * LANES; i++) {
                    scratch.setAtIndex(JAVA_FLOAT, i, 0);
                }
                for (int g = 0; g < across; g += UNITS_AT_ONCE) {
                    int count = Math.min(UNITS_AT_ONCE, across - g);
                    long unit = row + (long) g * PackedUnits.UNIT_BYTES;
                    groups(units, unit, first, count, prepared, paddedColumns + 32L * g, scratch);
                    scaled(
                            units,
                            unit + 2L * first,
                            count,
                            prepared,
                            2L * paddedColumns + g,
                            scratch);
                }
                total(scratch, y, yIndex + 32L * r + first);
            }
        }
    }

    @Override
    public void multiplyPackedFour(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment four,
            MemorySegment[] products,
            long yIndex,
            MemorySegment scratch) {
        matrixFour.multiply(
                units, offset, rowBlocks, across, paddedColumns, four, products, yIndex, scratch);
    }

    /**
     * Sums of {@code code * x} of neighbouring units, for {@code 2 * LANES} rows.
     *
     * <p>A nibble is masked where it stands and counts 16^n times too much, which its column's
     * prepared value takes back exactly, so that nothing is shifted: the upper four nibbles of an
     * int are the lower four of the int two bytes further on. Memory is touched ahead, because a
     * core's scheduler is full of waiting products before it would reach the next unit's loads.
     */
    private void groups(
            MemorySegment units,
            long firstUnit,
            int first,
            int count,
            MemorySegment prepared,
            long xIndex,
            MemorySegment scratch) {
        long lines =
                firstUnit
                        + PackedUnits.CODES_OFFSET
                        + first / 16 * PackedUnits.LINE_BYTES
                        + first % 16 * 4;
        long touch = 0;
        for (int g = 0; g < count; g++) {
            if (first == 0) {
                long ahead = firstUnit + (long) g * PackedUnits.UNIT_BYTES + AHEAD;
                touch ^= touch(units, ahead);
            }
            FloatVector lowEven = FloatVector.zero(FLOATS);
            FloatVector lowOdd = lowEven;
            FloatVector highEven = lowEven;
            FloatVector highOdd = lowEven;
            for (int four = 0; four < 8; four++) {
                long line =
                        lines
                                + (long) g * PackedUnits.UNIT_BYTES
                                + (four >> 1) * 2 * PackedUnits.LINE_BYTES
                                + (four & 1) * 2;
                long xs = 4 * (xIndex + 32L * g + 4 * four);
                IntVector low = IntVector.fromMemorySegment(INTS, units, line, LITTLE_ENDIAN);
                IntVector high =
                        IntVector.fromMemorySegment(INTS, units, line + 4L * LANES, LITTLE_ENDIAN);
                FloatVector x = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT, xs));
                lowEven =
                        ((FloatVector) low.and(15).convert(VectorOperators.I2F, 0)).fma(x, lowEven);
                highEven =
                        ((FloatVector) high.and(15).convert(VectorOperators.I2F, 0))
                                .fma(x, highEven);
                x = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT, xs + 4));
                lowOdd =
                        ((FloatVector) low.and(15 << 4).convert(VectorOperators.I2F, 0))
                                .fma(x, lowOdd);
                highOdd =
                        ((FloatVector) high.and(15 << 4).convert(VectorOperators.I2F, 0))
                                .fma(x, highOdd);
                x = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT, xs + 8));
                lowEven =
                        ((FloatVector) low.and(15 << 8).convert(VectorOperators.I2F, 0))
                                .fma(x, lowEven);
                highEven =
                        ((FloatVector) high.and(15 << 8).convert(VectorOperators.I2F, 0))
                                .fma(x, highEven);
                x = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT, xs + 12));
                lowOdd =
                        ((FloatVector) low.and(15 << 12).convert(VectorOperators.I2F, 0))
                                .fma(x, lowOdd);
                highOdd =
                        ((FloatVector) high.and(15 << 12).convert(VectorOperators.I2F, 0))
                                .fma(x, highOdd);
            }
            long target = 8L * LANES * g;
            lowEven.add(lowOdd).intoMemorySegment(scratch, target, LITTLE_ENDIAN);
            highEven.add(highOdd).intoMemorySegment(scratch, target + 4L * LANES, LITTLE_ENDIAN);
        }
        touched = touch;
    }

    /**
     * Loads a unit's ten cache lines; one by one, as a loop's checks would cost more than loads.
     */
    private static long touch(MemorySegment units, long unit) {
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
            MemorySegment units,
            long scales,
            int count,
            MemorySegment prepared,
            long sumIndex,
            MemorySegment scratch) {
        for (long part = 0; part < 2 * LANES; part += LANES) {
            long total = 4 * (TOTALS + part);
            long minTotal = 4 * (TOTALS + 2 * LANES + part);
            FloatVector t = FloatVector.fromMemorySegment(FLOATS, scratch, total, LITTLE_ENDIAN);
            FloatVector m = FloatVector.fromMemorySegment(FLOATS, scratch, minTotal, LITTLE_ENDIAN);
            for (int g = 0; g < count; g++) {
                long pair = scales + (long) g * PackedUnits.UNIT_BYTES + 2 * part;
                FloatVector scale =
                        ((IntVector)
                                        ShortVector.fromMemorySegment(
                                                        SHORTS, units, pair, LITTLE_ENDIAN)
                                                .convertShape(
                                                        VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
                                .lanewise(VectorOperators.LSHL, 16)
                                .reinterpretAsFloats();
                FloatVector min =
                        ((IntVector)
                                        ShortVector.fromMemorySegment(
                                                        SHORTS,
                                                        units,
                                                        pair + PackedUnits.MINS_OFFSET,
                                                        LITTLE_ENDIAN)
                                                .convertShape(
                                                        VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
                                .lanewise(VectorOperators.LSHL, 16)
                                .reinterpretAsFloats();
                t =
                        FloatVector.fromMemorySegment(
                                        FLOATS, scratch, 8L * LANES * g + 4 * part, LITTLE_ENDIAN)
                                .fma(scale, t);
                m =
                        FloatVector.broadcast(FLOATS, prepared.getAtIndex(JAVA_FLOAT, sumIndex + g))
                                .fma(min, m);
            }
            t.intoMemorySegment(scratch, total, LITTLE_ENDIAN);
            m.intoMemorySegment(scratch, minTotal, LITTLE_ENDIAN);
        }
    }

    private static void total(MemorySegment scratch, MemorySegment y, long yIndex) {
        for (long part = 0; part < 2 * LANES; part += LANES) {
            FloatVector.fromMemorySegment(FLOATS, scratch, 4 * (TOTALS + part), LITTLE_ENDIAN)
                    .add(
                            FloatVector.fromMemorySegment(
                                    FLOATS,
                                    scratch,
                                    4 * (TOTALS + 2 * LANES + part),
                                    LITTLE_ENDIAN))
                    .intoMemorySegment(y, 4 * (yIndex + part), LITTLE_ENDIAN);
        }
    }
}
