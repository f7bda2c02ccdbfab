package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Totals of {@link VectorMatrixFour} over units, of two vectors of rows times four vectors: sums
 * times scales, and beside them mins times sums of inputs.
 *
 * <p>Loops over units end at equality, so that C2 does not unroll them and run out of registers.
 */
final class VectorUnitTotals {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final int LANES = Lanes.COUNT;

    /** Rows that have their totals together. */
    static final int ROWS = 2 * LANES;

    /** Bytes of the sums, or totals, of those rows times four vectors. */
    static final int SUM_BYTES = 4 * 4 * ROWS;

    private VectorUnitTotals() {}

    /** Sets totals to zero. */
    static void clear(MemorySegment scratchMemory, long from, int bytes) {
        MemorySegment scratch = RawMemory.of(scratchMemory);
        for (int i = 0; i < bytes; i += 4 * LANES) {
            FloatVector.zero(FLOATS)
                    .intoMemorySegment(scratch, from + i & RawMemory.INDEX, LITTLE_ENDIAN);
        }
    }

    /**
     * Adds the units' sums over even and over odd columns, which lie {@code toOdd} bytes further
     * on, to the totals, scaled.
     */
    static void addScaled(
            MemorySegment unitMemory,
            long firstHead,
            int count,
            MemorySegment scratchMemory,
            long firstSum,
            int toOdd,
            int sumStep,
            long firstTotal) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long totals = firstTotal & RawMemory.INDEX;
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
        long end = firstHead + (long) count * PackedUnits.UNIT_BYTES;
        for (long address = firstHead; address != end; address += PackedUnits.UNIT_BYTES) {
            long head = address & RawMemory.INDEX;
            long even = sums & RawMemory.INDEX;
            long odd = even + toOdd;
            FloatVector scale0 =
                    IntVector.fromMemorySegment(INTS, units, head, LITTLE_ENDIAN)
                            .and(PackedUnits.SCALE_BITS)
                            .reinterpretAsFloats();
            FloatVector scale1 =
                    IntVector.fromMemorySegment(INTS, units, head + 4L * LANES, LITTLE_ENDIAN)
                            .and(PackedUnits.SCALE_BITS)
                            .reinterpretAsFloats();
            a0 =
                    scale0.fma(
                            FloatVector.fromMemorySegment(FLOATS, scratch, even, LITTLE_ENDIAN)
                                    .add(
                                            FloatVector.fromMemorySegment(
                                                    FLOATS, scratch, odd, LITTLE_ENDIAN)),
                            a0);
            a1 =
                    scale1.fma(
                            FloatVector.fromMemorySegment(
                                            FLOATS, scratch, even + 4L * LANES, LITTLE_ENDIAN)
                                    .add(
                                            FloatVector.fromMemorySegment(
                                                    FLOATS,
                                                    scratch,
                                                    odd + 4L * LANES,
                                                    LITTLE_ENDIAN)),
                            a1);
            b0 =
                    scale0.fma(
                            FloatVector.fromMemorySegment(
                                            FLOATS, scratch, even + 8L * LANES, LITTLE_ENDIAN)
                                    .add(
                                            FloatVector.fromMemorySegment(
                                                    FLOATS,
                                                    scratch,
                                                    odd + 8L * LANES,
                                                    LITTLE_ENDIAN)),
                            b0);
            b1 =
                    scale1.fma(
                            FloatVector.fromMemorySegment(
                                            FLOATS, scratch, even + 12L * LANES, LITTLE_ENDIAN)
                                    .add(
                                            FloatVector.fromMemorySegment(
                                                    FLOATS,
                                                    scratch,
                                                    odd + 12L * LANES,
                                                    LITTLE_ENDIAN)),
                            b1);
            c0 =
                    scale0.fma(
                            FloatVector.fromMemorySegment(
                                            FLOATS, scratch, even + 16L * LANES, LITTLE_ENDIAN)
                                    .add(
                                            FloatVector.fromMemorySegment(
                                                    FLOATS,
                                                    scratch,
                                                    odd + 16L * LANES,
                                                    LITTLE_ENDIAN)),
                            c0);
            c1 =
                    scale1.fma(
                            FloatVector.fromMemorySegment(
                                            FLOATS, scratch, even + 20L * LANES, LITTLE_ENDIAN)
                                    .add(
                                            FloatVector.fromMemorySegment(
                                                    FLOATS,
                                                    scratch,
                                                    odd + 20L * LANES,
                                                    LITTLE_ENDIAN)),
                            c1);
            d0 =
                    scale0.fma(
                            FloatVector.fromMemorySegment(
                                            FLOATS, scratch, even + 24L * LANES, LITTLE_ENDIAN)
                                    .add(
                                            FloatVector.fromMemorySegment(
                                                    FLOATS,
                                                    scratch,
                                                    odd + 24L * LANES,
                                                    LITTLE_ENDIAN)),
                            d0);
            d1 =
                    scale1.fma(
                            FloatVector.fromMemorySegment(
                                            FLOATS, scratch, even + 28L * LANES, LITTLE_ENDIAN)
                                    .add(
                                            FloatVector.fromMemorySegment(
                                                    FLOATS,
                                                    scratch,
                                                    odd + 28L * LANES,
                                                    LITTLE_ENDIAN)),
                            d1);
            sums += sumStep;
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
    static void addMins(
            MemorySegment unitMemory,
            long firstHead,
            int count,
            MemorySegment batchMemory,
            long firstGroupSum,
            int groupSumStep,
            MemorySegment scratchMemory,
            long firstTotal) {
        MemorySegment units = RawMemory.of(unitMemory);
        MemorySegment batch = RawMemory.of(batchMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        long totals = firstTotal & RawMemory.INDEX;
        long groupSums = firstGroupSum;
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
        long end = firstHead + (long) count * PackedUnits.UNIT_BYTES;
        for (long address = firstHead; address != end; address += PackedUnits.UNIT_BYTES) {
            long head = address & RawMemory.INDEX;
            long at = groupSums & RawMemory.INDEX;
            FloatVector min0 =
                    IntVector.fromMemorySegment(INTS, units, head, LITTLE_ENDIAN)
                            .lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT)
                            .reinterpretAsFloats();
            FloatVector min1 =
                    IntVector.fromMemorySegment(INTS, units, head + 4L * LANES, LITTLE_ENDIAN)
                            .lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT)
                            .reinterpretAsFloats();
            FloatVector v;
            v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at));
            a0 = v.fma(min0, a0);
            a1 = v.fma(min1, a1);
            v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 4));
            b0 = v.fma(min0, b0);
            b1 = v.fma(min1, b1);
            v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 8));
            c0 = v.fma(min0, c0);
            c1 = v.fma(min1, c1);
            v = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 12));
            d0 = v.fma(min0, d0);
            d1 = v.fma(min1, d1);
            groupSums += groupSumStep;
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

    /** Writes a vector's totals, those of the mins added: 32 a row of units. */
    static void total(
            MemorySegment scratchMemory,
            long firstTotal,
            int step,
            int rowBlocks,
            MemorySegment productMemory,
            long firstProduct) {
        MemorySegment scratch = RawMemory.of(scratchMemory);
        MemorySegment product = RawMemory.of(productMemory);
        for (int i = 0; i < rowBlocks * 32 / ROWS; i++) {
            long from = firstTotal + (long) i * step & RawMemory.INDEX;
            long to = firstProduct + (long) i * 4 * ROWS & RawMemory.INDEX;
            FloatVector.fromMemorySegment(FLOATS, scratch, from, LITTLE_ENDIAN)
                    .add(
                            FloatVector.fromMemorySegment(
                                    FLOATS, scratch, from + SUM_BYTES, LITTLE_ENDIAN))
                    .intoMemorySegment(product, to, LITTLE_ENDIAN);
            FloatVector.fromMemorySegment(FLOATS, scratch, from + 4L * LANES, LITTLE_ENDIAN)
                    .add(
                            FloatVector.fromMemorySegment(
                                    FLOATS, scratch, from + SUM_BYTES + 4L * LANES, LITTLE_ENDIAN))
                    .intoMemorySegment(product, to + 4L * LANES, LITTLE_ENDIAN);
        }
    }
}
