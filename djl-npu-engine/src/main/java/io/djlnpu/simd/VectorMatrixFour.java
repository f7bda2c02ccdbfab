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
 * {@link MatrixVector#multiplyPackedFour} on the Vector API: as many rows as there are lanes, four
 * vectors, so that widening a code is shared by four products. Sums run in the order of {@link
 * VectorPackedMatrix}.
 */
final class VectorMatrixFour {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
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
        if (rowBlocks == 0) {
            return;
        }
        long rowBytes = (long) across * PackedUnits.UNIT_BYTES;
        long row = RawMemory.at(units, offset, rowBlocks * rowBytes);
        long vectors = RawMemory.at(four, 0, 4L * MatrixVector.preparedLengthOfFour(paddedColumns));
        long work = RawMemory.at(scratch, 0, 4L * MatrixVector.SCRATCH_FLOATS);
        for (int r = 0; r < rowBlocks; r++) {
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
                            unit + PackedUnits.CODES_OFFSET + PackedUnits.line(first),
                            count,
                            four,
                            vectors + 4 * 4 * 32L * g,
                            scratch,
                            work);
                    for (int i = 0; i < 4; i++) {
                        long sums = vectors + 4 * (4L * (paddedColumns + g) + i);
                        scaled(
                                units,
                                unit + 4L * first,
                                count,
                                i * LANES,
                                four,
                                sums,
                                scratch,
                                work);
                    }
                }
                for (int i = 0; i < 4; i++) {
                    total(scratch, i * LANES, products[i], yIndex + 32L * r + first);
                }
            }
            row += rowBytes;
        }
    }

    /** Brings units into cache with nothing else in the way. */
    private void touch(MemorySegment unitMemory, long from, int count) {
        MemorySegment units = RawMemory.of(unitMemory);
        long touch = 0;
        for (int line = 0; line < count * (PackedUnits.UNIT_BYTES / 64); line++) {
            touch ^= units.get(JAVA_LONG_UNALIGNED, from + 64L * line & RawMemory.INDEX);
        }
        touched = touch;
    }

    /** Sums of {@code code * x}; see {@link VectorPackedMatrix} for the nibbles. */
    private static void groups(
            MemorySegment unitMemory,
            long firstLine,
            int count,
            MemorySegment fourMemory,
            long firstX,
            MemorySegment scratchMemory,
            long firstSum) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment four = RawMemory.of(fourMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long lines = firstLine;
        long x = firstX;
        long sum = firstSum;
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
                        lines + (quad >> 1) * (2 * PackedUnits.LINE_BYTES) + (quad & 1) * 2
                                & RawMemory.INDEX;
                long at = x + 64 * quad & RawMemory.INDEX;
                IntVector codes = IntVector.fromMemorySegment(INTS, units, line, LITTLE_ENDIAN);
                FloatVector w = (FloatVector) codes.and(15).convert(VectorOperators.I2F, 0);
                aEven =
                        w.fma(
                                FloatVector.broadcast(FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at)),
                                aEven);
                bEven =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 4)),
                                bEven);
                cEven =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 8)),
                                cEven);
                dEven =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 12)),
                                dEven);
                w = (FloatVector) codes.and(15 << 4).convert(VectorOperators.I2F, 0);
                aOdd =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 16)),
                                aOdd);
                bOdd =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 20)),
                                bOdd);
                cOdd =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 24)),
                                cOdd);
                dOdd =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 28)),
                                dOdd);
                w = (FloatVector) codes.and(15 << 8).convert(VectorOperators.I2F, 0);
                aEven =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 32)),
                                aEven);
                bEven =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 36)),
                                bEven);
                cEven =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 40)),
                                cEven);
                dEven =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 44)),
                                dEven);
                w = (FloatVector) codes.and(15 << 12).convert(VectorOperators.I2F, 0);
                aOdd =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 48)),
                                aOdd);
                bOdd =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 52)),
                                bOdd);
                cOdd =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 56)),
                                cOdd);
                dOdd =
                        w.fma(
                                FloatVector.broadcast(
                                        FLOATS, four.get(JAVA_FLOAT_UNALIGNED, at + 60)),
                                dOdd);
            }
            long target = sum & RawMemory.INDEX;
            aEven.add(aOdd).intoMemorySegment(scratch, target, LITTLE_ENDIAN);
            bEven.add(bOdd).intoMemorySegment(scratch, target + 4L * LANES, LITTLE_ENDIAN);
            cEven.add(cOdd).intoMemorySegment(scratch, target + 8L * LANES, LITTLE_ENDIAN);
            dEven.add(dOdd).intoMemorySegment(scratch, target + 12L * LANES, LITTLE_ENDIAN);
            lines += PackedUnits.UNIT_BYTES;
            x += 16 * Q4nxFormat.GROUP_COLUMNS;
            sum += 16 * LANES;
        }
    }

    /** Adds one vector's sums, scaled, and the mins to its totals. */
    private static void scaled(
            MemorySegment unitMemory,
            long firstHead,
            int count,
            int vector,
            MemorySegment fourMemory,
            long firstGroupSum,
            MemorySegment scratchMemory,
            long work) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment four = RawMemory.of(fourMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long total = work + 4L * (TOTALS + vector) & RawMemory.INDEX;
        long minTotal = work + 4L * (MIN_TOTALS + vector) & RawMemory.INDEX;
        long head = firstHead;
        long sums = work + 4L * vector;
        long groupSums = firstGroupSum;
        FloatVector t = FloatVector.fromMemorySegment(FLOATS, scratch, total, LITTLE_ENDIAN);
        FloatVector m = FloatVector.fromMemorySegment(FLOATS, scratch, minTotal, LITTLE_ENDIAN);
        for (int g = 0; g < count; g++) {
            IntVector heads =
                    IntVector.fromMemorySegment(INTS, units, head & RawMemory.INDEX, LITTLE_ENDIAN);
            FloatVector scale = heads.and(PackedUnits.SCALE_BITS).reinterpretAsFloats();
            FloatVector min =
                    heads.lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT)
                            .reinterpretAsFloats();
            t =
                    FloatVector.fromMemorySegment(
                                    FLOATS, scratch, sums & RawMemory.INDEX, LITTLE_ENDIAN)
                            .fma(scale, t);
            m =
                    FloatVector.broadcast(
                                    FLOATS,
                                    four.get(JAVA_FLOAT_UNALIGNED, groupSums & RawMemory.INDEX))
                            .fma(min, m);
            head += PackedUnits.UNIT_BYTES;
            sums += 16 * LANES;
            groupSums += 16;
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
