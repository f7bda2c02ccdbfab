package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link MatrixVector#multiplyPackedFour} on the Vector API: as many rows as there are lanes, four
 * vectors, so that widening a code is shared by four products. Sums run in the order of {@link
 * VectorMatrixVector}.
 */
final class VectorMatrixFour {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
    private static final int LANES = Lanes.COUNT;

    /** Units whose sums lie in scratch together: 20 KB, which stay in L1 for all rows of a unit. */
    private static final int UNITS_AT_ONCE = 32;

    /** Scratch: the units' sums, four vectors each, then totals of rows and of their mins. */
    private static final int TOTALS = 4 * LANES * UNITS_AT_ONCE;

    private static final int MIN_TOTALS = TOTALS + 4 * LANES;

    /** Keeps the touched values alive, which nobody reads. */
    private long touched;

    void multiply(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment four,
            MemorySegment[] products,
            long yIndex,
            MemorySegment scratch) {
        for (int r = 0; r < rowBlocks; r++) {
            long row = offset + (long) r * across * PackedUnits.UNIT_BYTES;
            for (int first = 0; first < 32; first += LANES) {
                for (int i = TOTALS; i < TOTALS + 8 * LANES; i++) {
                    scratch.setAtIndex(JAVA_FLOAT, i, 0);
                }
                for (int g = 0; g < across; g += UNITS_AT_ONCE) {
                    int count = Math.min(UNITS_AT_ONCE, across - g);
                    long unit = row + (long) g * PackedUnits.UNIT_BYTES;
                    if (first == 0) {
                        touch(units, unit, count);
                    }
                    groups(
                            units,
                            unit + PackedUnits.CODES_OFFSET + line(first),
                            count,
                            four,
                            32L * g,
                            scratch);
                    for (int i = 0; i < 4; i++) {
                        long sums = 4L * (paddedColumns + g) + i;
                        scaled(units, unit + 2L * first, count, i * LANES, four, sums, scratch);
                    }
                }
                for (int i = 0; i < 4; i++) {
                    total(scratch, i * LANES, products[i], yIndex + 32L * r + first);
                }
            }
        }
    }

    private static int line(int row) {
        return row / 16 * PackedUnits.LINE_BYTES + row % 16 * 4;
    }

    /** Brings units into cache with nothing else in the way. */
    private void touch(MemorySegment units, long from, int count) {
        long touch = 0;
        for (long at = from; at < from + (long) count * PackedUnits.UNIT_BYTES; at += 64) {
            touch ^= units.get(JAVA_LONG_UNALIGNED, at);
        }
        touched = touch;
    }

    /** Sums of {@code code * x}; see {@link VectorMatrixVector} for the nibbles. */
    private static void groups(
            MemorySegment units,
            long lines,
            int count,
            MemorySegment four,
            long firstColumn,
            MemorySegment scratch) {
        for (int g = 0; g < count; g++) {
            FloatVector aEven = FloatVector.zero(FLOATS);
            FloatVector aOdd = aEven;
            FloatVector bEven = aEven;
            FloatVector bOdd = aEven;
            FloatVector cEven = aEven;
            FloatVector cOdd = aEven;
            FloatVector dEven = aEven;
            FloatVector dOdd = aEven;
            for (int quad = 0; quad < 8; quad++) {
                long line =
                        lines
                                + (long) g * PackedUnits.UNIT_BYTES
                                + (quad >> 1) * 2 * PackedUnits.LINE_BYTES
                                + (quad & 1) * 2;
                long at = 16 * (firstColumn + 32L * g + 4 * quad);
                IntVector codes = IntVector.fromMemorySegment(INTS, units, line, LITTLE_ENDIAN);
                FloatVector w = (FloatVector) codes.and(15).convert(VectorOperators.I2F, 0);
                aEven = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at)), aEven);
                bEven = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 4)), bEven);
                cEven = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 8)), cEven);
                dEven = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 12)), dEven);
                w = (FloatVector) codes.and(15 << 4).convert(VectorOperators.I2F, 0);
                aOdd = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 16)), aOdd);
                bOdd = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 20)), bOdd);
                cOdd = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 24)), cOdd);
                dOdd = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 28)), dOdd);
                w = (FloatVector) codes.and(15 << 8).convert(VectorOperators.I2F, 0);
                aEven = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 32)), aEven);
                bEven = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 36)), bEven);
                cEven = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 40)), cEven);
                dEven = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 44)), dEven);
                w = (FloatVector) codes.and(15 << 12).convert(VectorOperators.I2F, 0);
                aOdd = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 48)), aOdd);
                bOdd = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 52)), bOdd);
                cOdd = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 56)), cOdd);
                dOdd = w.fma(FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT, at + 60)), dOdd);
            }
            long target = 16L * LANES * g;
            aEven.add(aOdd).intoMemorySegment(scratch, target, LITTLE_ENDIAN);
            bEven.add(bOdd).intoMemorySegment(scratch, target + 4L * LANES, LITTLE_ENDIAN);
            cEven.add(cOdd).intoMemorySegment(scratch, target + 8L * LANES, LITTLE_ENDIAN);
            dEven.add(dOdd).intoMemorySegment(scratch, target + 12L * LANES, LITTLE_ENDIAN);
        }
    }

    /** Adds one vector's sums, scaled, and the mins to its totals. */
    private static void scaled(
            MemorySegment units,
            long scales,
            int count,
            int vector,
            MemorySegment four,
            long sumIndex,
            MemorySegment scratch) {
        long total = 4L * (TOTALS + vector);
        long minTotal = 4L * (MIN_TOTALS + vector);
        FloatVector t = FloatVector.fromMemorySegment(FLOATS, scratch, total, LITTLE_ENDIAN);
        FloatVector m = FloatVector.fromMemorySegment(FLOATS, scratch, minTotal, LITTLE_ENDIAN);
        for (int g = 0; g < count; g++) {
            long pair = scales + (long) g * PackedUnits.UNIT_BYTES;
            FloatVector scale =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(
                                                    SHORTS, units, pair, LITTLE_ENDIAN)
                                            .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            FloatVector min =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(
                                                    SHORTS,
                                                    units,
                                                    pair + PackedUnits.MINS_OFFSET,
                                                    LITTLE_ENDIAN)
                                            .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            long sums = 4L * (4L * LANES * g + vector);
            t = FloatVector.fromMemorySegment(FLOATS, scratch, sums, LITTLE_ENDIAN).fma(scale, t);
            m =
                    FloatVector.broadcast(FLOATS, four.getAtIndex(JAVA_FLOAT, sumIndex + 4L * g))
                            .fma(min, m);
        }
        t.intoMemorySegment(scratch, total, LITTLE_ENDIAN);
        m.intoMemorySegment(scratch, minTotal, LITTLE_ENDIAN);
    }

    private static void total(MemorySegment scratch, int vector, MemorySegment y, long yIndex) {
        FloatVector.fromMemorySegment(FLOATS, scratch, 4L * (TOTALS + vector), LITTLE_ENDIAN)
                .add(
                        FloatVector.fromMemorySegment(
                                FLOATS, scratch, 4L * (MIN_TOTALS + vector), LITTLE_ENDIAN))
                .intoMemorySegment(y, 4 * yIndex, LITTLE_ENDIAN);
    }
}
