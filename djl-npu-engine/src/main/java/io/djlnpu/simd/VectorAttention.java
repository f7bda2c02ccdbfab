package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Attention} on the Vector API: four queries times two vectors of keys or of columns, so
 * that eight sums stay in registers and nothing is summed across lanes.
 *
 * <p>Vector operations are written out: C2 stops inlining helpers in methods of this size, and then
 * every vector is an object.
 */
final class VectorAttention implements Attention {

    private static final VectorSpecies<Float> F = Lanes.FLOATS;
    private static final VectorSpecies<Integer> I = Lanes.INTS;
    private static final VectorSpecies<Short> S = Lanes.SHORTS;
    private static final int LANES = Lanes.COUNT;

    /** Columns of one pass: two vectors. */
    private static final int PASS = 2 * LANES;

    /** Bytes of a query's row. */
    private static final long ROW = 4L * TILE;

    /** The step of a loop, in a field, so that C2 cannot count on it. */
    private int one = 1;

    @Override
    public void widen(MemorySegment tiles, long tileIndex, int rows, MemorySegment wide) {
        if (rows <= 0) {
            return;
        }
        long from = RawMemory.at(tiles, 2 * tileIndex, 2L * TILE * rows);
        widenRows(tiles, from, rows, wide, RawMemory.at(wide, 0, ROW * rows));
    }

    private static void widenRows(
            MemorySegment tileMemory, long from, int rows, MemorySegment wideMemory, long to) {
        MemorySegment tiles = RawMemory.of(tileMemory);
        MemorySegment wide = RawMemory.of(wideMemory);
        long tile = from;
        long target = to;
        for (int row = 0; row < rows; row++) {
            long t = tile & RawMemory.INDEX;
            long w = target & RawMemory.INDEX;
            for (int column = 0; column < TILE; column += LANES) {
                ((IntVector)
                                ShortVector.fromMemorySegment(
                                                S, tiles, t + 2L * column, LITTLE_ENDIAN)
                                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0))
                        .lanewise(VectorOperators.LSHL, 16)
                        .intoMemorySegment(wide, w + 4L * column, LITTLE_ENDIAN);
            }
            tile += 2L * TILE;
            target += ROW;
        }
    }

    @Override
    public void multiply(
            MemorySegment tiles,
            long tileIndex,
            int rows,
            int first,
            int end,
            MemorySegment factors,
            long factorIndex,
            MemorySegment sums,
            long sumIndex,
            boolean add) {
        if (rows <= 0) {
            return;
        }
        long tile = RawMemory.at(tiles, 4 * tileIndex, rows * ROW);
        long factor = RawMemory.at(factors, 4 * factorIndex, 3 * ROW + 4L * rows);
        long sum = RawMemory.at(sums, 4 * sumIndex, 4 * ROW);
        for (int column = first / PASS * PASS; column < end; column += PASS) {
            long to = sum + 4L * column;
            if (!add) {
                clear(sums, to);
            }
            multiplyPass(tiles, tile + 4L * column, rows, factors, factor, sums, to, one);
        }
    }

    private static void clear(MemorySegment sumMemory, long sum) {
        MemorySegment sums = RawMemory.of(sumMemory);
        for (int q = 0; q < QUERIES; q++) {
            long s = sum + q * ROW & RawMemory.INDEX;
            FloatVector.zero(F).intoMemorySegment(sums, s, LITTLE_ENDIAN);
            FloatVector.zero(F).intoMemorySegment(sums, s + 4 * LANES, LITTLE_ENDIAN);
        }
    }

    private static void multiplyPass(
            MemorySegment tileMemory,
            long firstRow,
            int rows,
            MemorySegment factorMemory,
            long firstFactor,
            MemorySegment sumMemory,
            long sum,
            int step) {
        MemorySegment tiles = RawMemory.of(tileMemory);
        MemorySegment factors = RawMemory.of(factorMemory);
        MemorySegment sums = RawMemory.of(sumMemory);
        long s = sum & RawMemory.INDEX;
        FloatVector low0 = FloatVector.fromMemorySegment(F, sums, s, LITTLE_ENDIAN);
        FloatVector high0 = FloatVector.fromMemorySegment(F, sums, s + 4 * LANES, LITTLE_ENDIAN);
        FloatVector low1 = FloatVector.fromMemorySegment(F, sums, s + ROW, LITTLE_ENDIAN);
        FloatVector high1 =
                FloatVector.fromMemorySegment(F, sums, s + ROW + 4 * LANES, LITTLE_ENDIAN);
        FloatVector low2 = FloatVector.fromMemorySegment(F, sums, s + 2 * ROW, LITTLE_ENDIAN);
        FloatVector high2 =
                FloatVector.fromMemorySegment(F, sums, s + 2 * ROW + 4 * LANES, LITTLE_ENDIAN);
        FloatVector low3 = FloatVector.fromMemorySegment(F, sums, s + 3 * ROW, LITTLE_ENDIAN);
        FloatVector high3 =
                FloatVector.fromMemorySegment(F, sums, s + 3 * ROW + 4 * LANES, LITTLE_ENDIAN);
        long tile = firstRow;
        long factor = firstFactor;
        // by one, which C2 must not see: it would unroll the loop and spill sums
        for (int row = 0; row < rows; row += step) {
            long t = tile & RawMemory.INDEX;
            long f = factor & RawMemory.INDEX;
            FloatVector low = FloatVector.fromMemorySegment(F, tiles, t, LITTLE_ENDIAN);
            FloatVector high =
                    FloatVector.fromMemorySegment(F, tiles, t + 4 * LANES, LITTLE_ENDIAN);
            FloatVector b;
            b = FloatVector.broadcast(F, factors.get(JAVA_FLOAT_UNALIGNED, f));
            low0 = low.fma(b, low0);
            high0 = high.fma(b, high0);
            b = FloatVector.broadcast(F, factors.get(JAVA_FLOAT_UNALIGNED, f + ROW));
            low1 = low.fma(b, low1);
            high1 = high.fma(b, high1);
            b = FloatVector.broadcast(F, factors.get(JAVA_FLOAT_UNALIGNED, f + 2 * ROW));
            low2 = low.fma(b, low2);
            high2 = high.fma(b, high2);
            b = FloatVector.broadcast(F, factors.get(JAVA_FLOAT_UNALIGNED, f + 3 * ROW));
            low3 = low.fma(b, low3);
            high3 = high.fma(b, high3);
            tile += ROW;
            factor += 4;
        }
        low0.intoMemorySegment(sums, s, LITTLE_ENDIAN);
        high0.intoMemorySegment(sums, s + 4 * LANES, LITTLE_ENDIAN);
        low1.intoMemorySegment(sums, s + ROW, LITTLE_ENDIAN);
        high1.intoMemorySegment(sums, s + ROW + 4 * LANES, LITTLE_ENDIAN);
        low2.intoMemorySegment(sums, s + 2 * ROW, LITTLE_ENDIAN);
        high2.intoMemorySegment(sums, s + 2 * ROW + 4 * LANES, LITTLE_ENDIAN);
        low3.intoMemorySegment(sums, s + 3 * ROW, LITTLE_ENDIAN);
        high3.intoMemorySegment(sums, s + 3 * ROW + 4 * LANES, LITTLE_ENDIAN);
    }

    @Override
    public void weigh(MemorySegment runs, long runIndex, int query, int from, int end) {
        long row = runIndex + query * TILE;
        long at = RawMemory.at(runs, 4 * row, ROW);
        float maximum =
                end - from == TILE ? greatest(runs, at) : greatest(runs, row + from, end - from);
        exponentials(runs, at, maximum);
        for (int key = 0; key < Math.min(from, TILE); key++) {
            runs.setAtIndex(JAVA_FLOAT, row + key, 0);
        }
        for (int key = Math.max(0, end); key < TILE; key++) {
            runs.setAtIndex(JAVA_FLOAT, row + key, 0);
        }
        float sum = 0;
        for (int key = from; key < end; key++) {
            sum += runs.getAtIndex(JAVA_FLOAT, row + key);
        }
        runs.setAtIndex(JAVA_FLOAT, runIndex + ROWS_FLOATS + query, maximum);
        runs.setAtIndex(JAVA_FLOAT, runIndex + ROWS_FLOATS + QUERIES + query, sum);
    }

    private static float greatest(MemorySegment scores, long index, int count) {
        float maximum = Float.NEGATIVE_INFINITY;
        for (int key = 0; key < count; key++) {
            maximum = Math.max(maximum, scores.getAtIndex(JAVA_FLOAT, index + key));
        }
        return maximum;
    }

    private static float greatest(MemorySegment memory, long row) {
        MemorySegment scores = RawMemory.of(memory);
        FloatVector greatest = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        for (int key = 0; key < TILE; key += LANES) {
            long at = row + 4L * key & RawMemory.INDEX;
            greatest = FloatVector.fromMemorySegment(F, scores, at, LITTLE_ENDIAN).max(greatest);
        }
        return greatest.reduceLanes(VectorOperators.MAX);
    }

    private static void exponentials(MemorySegment memory, long row, float maximum) {
        MemorySegment scores = RawMemory.of(memory);
        for (int key = 0; key < TILE; key += LANES) {
            long at = row + 4L * key & RawMemory.INDEX;
            FloatVector x = FloatVector.fromMemorySegment(F, scores, at, LITTLE_ENDIAN);
            Lanes.exp(x.sub(maximum)).intoMemorySegment(scores, at, LITTLE_ENDIAN);
        }
    }

    @Override
    public void combine(
            MemorySegment sums,
            long sumIndex,
            MemorySegment states,
            long stateIndex,
            long outputIndex) {
        long sum = RawMemory.at(sums, 4 * sumIndex, 4 * ROW);
        long output = RawMemory.at(states, 4 * outputIndex, 4 * ROW);
        for (int q = 0; q < QUERIES; q++) {
            long factors = stateIndex + 2 * QUERIES + q;
            float decay = states.getAtIndex(JAVA_FLOAT, factors);
            float scale = states.getAtIndex(JAVA_FLOAT, factors + QUERIES);
            combineRow(sums, sum + q * ROW, states, output + q * ROW, decay, scale);
        }
    }

    private static void combineRow(
            MemorySegment sumMemory,
            long sum,
            MemorySegment stateMemory,
            long output,
            float decay,
            float scale) {
        MemorySegment sums = RawMemory.of(sumMemory);
        MemorySegment states = RawMemory.of(stateMemory);
        FloatVector decays = FloatVector.broadcast(F, decay);
        for (int column = 0; column < TILE; column += LANES) {
            long s = sum + 4L * column & RawMemory.INDEX;
            long y = output + 4L * column & RawMemory.INDEX;
            FloatVector added = FloatVector.fromMemorySegment(F, sums, s, LITTLE_ENDIAN).mul(scale);
            FloatVector.fromMemorySegment(F, states, y, LITTLE_ENDIAN)
                    .fma(decays, added)
                    .intoMemorySegment(states, y, LITTLE_ENDIAN);
        }
    }
}
