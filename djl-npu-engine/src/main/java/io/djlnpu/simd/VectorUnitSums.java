package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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
 * Sums of {@link VectorMatrixFour} over the even or the odd columns of units, before scales: two
 * vectors of rows times four vectors, or times eight where there are registers for their sums.
 *
 * <p>An odd column's nibble counts 16 times too much, which its inputs take back. The upper six
 * nibbles of an int are the lower two of the ints one, two and three bytes further on, so that one
 * mask does for all.
 */
final class VectorUnitSums {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final int LANES = Lanes.COUNT;

    /** Bytes of a unit's inputs of four vectors. */
    static final int X_BYTES = 4 * 4 * Q4nxFormat.GROUP_COLUMNS;

    private static final int SUM_BYTES = VectorUnitTotals.SUM_BYTES;

    /**
     * Whether 32 registers hold the sums of eight vectors. Then, too, a core has more cycles than
     * instructions to fill them, and lines are touched three at a time, twice a unit and pass:
     * their waits for memory overlap. With 16 registers they are touched one at a time, before and
     * after a unit's products.
     */
    private static final boolean EIGHT = LANES == 16;

    private static final int CACHE_LINE = 64;

    /** Bytes from one touch, or three of them, to the next. */
    private static final int AHEAD_STEP =
            EIGHT ? PackedUnits.UNIT_BYTES / VectorMatrixFour.PASSES / 2 : CACHE_LINE;

    /** The bits of an offset into a unit's inputs that are 0 at their start and in their middle. */
    private static final int HALF = X_BYTES / 2 - 1;

    private VectorUnitSums() {}

    /**
     * Sums of {@code code * x} over the even or the odd columns of each unit.
     *
     * @param firstLine where the codes of the first unit's rows begin
     * @param count units
     * @param firstAhead what to touch first
     * @param moves whether to touch on from there, {@link #bytesAhead} in all
     * @param fours one or two fours of vectors
     * @param firstX inputs of the first column
     * @param nibble mask of the column's codes in a byte
     * @param firstSum receives the sums
     * @return something that depends on what was touched
     */
    static long of(
            MemorySegment units,
            long firstLine,
            int count,
            long firstAhead,
            boolean moves,
            MemorySegment batch,
            int fours,
            long firstX,
            int nibble,
            MemorySegment scratch,
            long firstSum) {
        int step = moves ? AHEAD_STEP : 0;
        return EIGHT && fours == 2
                ? ofEight(
                        units,
                        firstLine,
                        count,
                        firstAhead,
                        step,
                        batch,
                        firstX,
                        nibble,
                        scratch,
                        firstSum)
                : ofFours(
                        units,
                        firstLine,
                        count,
                        firstAhead,
                        step,
                        batch,
                        fours,
                        firstX,
                        nibble,
                        scratch,
                        firstSum);
    }

    /** Bytes that a pass over units touches ahead; it reads less than 192 behind them. */
    static int bytesAhead(int count, int fours) {
        return 2 * AHEAD_STEP * count * (EIGHT ? 1 : fours);
    }

    /**
     * The sums of one four of vectors after the other. A step is two columns: C2 would widen all
     * codes of a longer one before it multiplies any and spill the sums. A core fetches hardly more
     * instructions than the products alone are, so every other one counts.
     */
    private static long ofFours(
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
                if (!EIGHT) {
                    touch ^= units.get(JAVA_LONG_UNALIGNED, ahead & RawMemory.INDEX);
                }
                long c = 0;
                for (int i = 0; i < X_BYTES; i += 64) {
                    long codes = line + c & RawMemory.INDEX;
                    long at = x + i & RawMemory.INDEX;
                    if (EIGHT && (i & HALF) == 0) {
                        long next = ahead & RawMemory.INDEX;
                        touch ^= units.get(JAVA_BYTE, next);
                        touch ^= units.get(JAVA_BYTE, next + CACHE_LINE);
                        touch ^= units.get(JAVA_BYTE, next + 2 * CACHE_LINE);
                        ahead += aheadStep;
                    }
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
                if (!EIGHT) {
                    touch ^= units.get(JAVA_LONG_UNALIGNED, ahead + aheadStep & RawMemory.INDEX);
                    ahead += 2L * aheadStep;
                }
                x += (long) fours * X_BYTES;
                sum += (long) fours * SUM_BYTES;
            }
        }
        return touch;
    }

    /**
     * The sums of eight vectors, whose inputs and sums lie like those of two fours. A step is one
     * column, whose codes are widened once for all eight. Inputs are loaded before anything else of
     * it: C2 stops inlining what a load calls once a method's graph is large, and now and then this
     * one's was by then.
     */
    private static long ofEight(
            MemorySegment unitMemory,
            long firstLine,
            int count,
            long firstAhead,
            int aheadStep,
            MemorySegment batchMemory,
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
        long x = firstX;
        long sum = firstSum;
        for (long line = firstLine; line != end; line += PackedUnits.UNIT_BYTES) {
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            FloatVector e0 = a0;
            FloatVector e1 = a0;
            FloatVector f0 = a0;
            FloatVector f1 = a0;
            FloatVector g0 = a0;
            FloatVector g1 = a0;
            FloatVector h0 = a0;
            FloatVector h1 = a0;
            long column = 0;
            for (int i = 0; i < X_BYTES; i += 32) {
                long at = x + i & RawMemory.INDEX;
                FloatVector a = FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at));
                FloatVector b =
                        FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 4));
                FloatVector c =
                        FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 8));
                FloatVector d =
                        FloatVector.broadcast(FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + 12));
                FloatVector e =
                        FloatVector.broadcast(
                                FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + X_BYTES));
                FloatVector f =
                        FloatVector.broadcast(
                                FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + X_BYTES + 4));
                FloatVector g =
                        FloatVector.broadcast(
                                FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + X_BYTES + 8));
                FloatVector h =
                        FloatVector.broadcast(
                                FLOATS, batch.get(JAVA_FLOAT_UNALIGNED, at + X_BYTES + 12));
                if ((i & HALF) == 0) {
                    long next = ahead & RawMemory.INDEX;
                    touch ^= units.get(JAVA_BYTE, next);
                    touch ^= units.get(JAVA_BYTE, next + CACHE_LINE);
                    touch ^= units.get(JAVA_BYTE, next + 2 * CACHE_LINE);
                    ahead += aheadStep;
                }
                long codes = line + column & RawMemory.INDEX;
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
                a0 = low.fma(a, a0);
                a1 = high.fma(a, a1);
                b0 = low.fma(b, b0);
                b1 = high.fma(b, b1);
                c0 = low.fma(c, c0);
                c1 = high.fma(c, c1);
                d0 = low.fma(d, d0);
                d1 = high.fma(d, d1);
                e0 = low.fma(e, e0);
                e1 = high.fma(e, e1);
                f0 = low.fma(f, f0);
                f1 = high.fma(f, f1);
                g0 = low.fma(g, g0);
                g1 = high.fma(g, g1);
                h0 = low.fma(h, h0);
                h1 = high.fma(h, h1);
                // 0 to 3, 128 to 131 and so on: the bits between carry
                column =
                        (column | 2 * PackedUnits.LINE_BYTES - 4) + 1
                                & -2 * PackedUnits.LINE_BYTES + 3;
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
            e0.intoMemorySegment(scratch, to + SUM_BYTES, LITTLE_ENDIAN);
            e1.intoMemorySegment(scratch, to + SUM_BYTES + 4L * LANES, LITTLE_ENDIAN);
            f0.intoMemorySegment(scratch, to + SUM_BYTES + 8L * LANES, LITTLE_ENDIAN);
            f1.intoMemorySegment(scratch, to + SUM_BYTES + 12L * LANES, LITTLE_ENDIAN);
            g0.intoMemorySegment(scratch, to + SUM_BYTES + 16L * LANES, LITTLE_ENDIAN);
            g1.intoMemorySegment(scratch, to + SUM_BYTES + 20L * LANES, LITTLE_ENDIAN);
            h0.intoMemorySegment(scratch, to + SUM_BYTES + 24L * LANES, LITTLE_ENDIAN);
            h1.intoMemorySegment(scratch, to + SUM_BYTES + 28L * LANES, LITTLE_ENDIAN);
            x += 2 * X_BYTES;
            sum += 2 * SUM_BYTES;
        }
        return touch;
    }
}
