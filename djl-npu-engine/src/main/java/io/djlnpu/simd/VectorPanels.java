package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Panels} on the Vector API: rows in the lanes, tokens broadcast, the accumulators of a
 * whole tile in registers.
 */
final class VectorPanels implements Panels {

    /** Scratch: a block's scales, then its mins. */
    private static final int MINS = 256;

    private static final IntVector SHIFT =
            IntVector.broadcast(Lanes.INTS, 0).addIndex(1).lanewise(VectorOperators.ASHR, 1).mul(4);

    /** Tokens whose accumulators, two vectors each, fit the registers. */
    private static final int REGISTER_TOKENS = Lanes.COUNT == 16 ? 8 : 4;

    @Override
    public void dequantize(
            MemorySegment blocks,
            long offset,
            MemorySegment panel,
            boolean narrow,
            MemorySegment scratch) {
        BlockHead.widen(blocks, offset, scratch, 0);
        BlockHead.widen(blocks, offset + Q4nxFormat.MINS_OFFSET, scratch, MINS);
        for (int half = 0; half < 2; half++) {
            long codes = offset + Q4nxFormat.CODES_OFFSET + (long) half * Q4nxFormat.HALF_BYTES;
            for (int part = 0; part < 16; part += Lanes.COUNT) {
                IntVector shift = SHIFT.add(2 * part);
                for (int g = 0; g < Q4nxFormat.BLOCK_GROUPS; g++) {
                    int position = 32 * g + 16 * half + part;
                    FloatVector scale = Lanes.load(scratch, position);
                    FloatVector min = Lanes.load(scratch, MINS + position);
                    for (int c = 32 * g; c < 32 * g + 32; c++) {
                        long bits = blocks.get(ValueLayout.JAVA_LONG_UNALIGNED, codes + 8L * c);
                        IntVector nibbles =
                                LongVector.broadcast(Lanes.LONGS, bits)
                                        .reinterpretAsInts()
                                        .lanewise(VectorOperators.LSHR, shift)
                                        .and(15);
                        FloatVector weight =
                                ((FloatVector) nibbles.convert(VectorOperators.I2F, 0))
                                        .fma(scale, min);
                        if (narrow) {
                            weight = Lanes.round(weight);
                        }
                        Lanes.store(weight, panel, (long) c * ROWS + 16 * half + part);
                    }
                }
            }
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel,
            MemorySegment x,
            long xIndex,
            int tokens,
            MemorySegment sums,
            long sumsIndex) {
        for (int row = 0; row < ROWS; row += 2 * Lanes.COUNT) {
            int token = 0;
            for (; token + REGISTER_TOKENS <= tokens; token += REGISTER_TOKENS) {
                long xTile = xIndex + token;
                long sumsTile = sumsIndex + (long) token * ROWS + row;
                if (REGISTER_TOKENS == 8) {
                    eight(panel, row, x, xTile, sums, sumsTile);
                } else {
                    four(panel, row, x, xTile, sums, sumsTile);
                }
            }
            for (; token < tokens; token++) {
                one(panel, row, x, xIndex + token, sums, sumsIndex + (long) token * ROWS + row);
            }
        }
    }

    private static void one(
            MemorySegment panel,
            int row,
            MemorySegment x,
            long xIndex,
            MemorySegment sums,
            long s) {
        FloatVector low = Lanes.load(sums, s);
        FloatVector high = Lanes.load(sums, s + Lanes.COUNT);
        for (int c = 0; c < COLUMNS; c++) {
            long p = (long) c * ROWS + row;
            FloatVector b =
                    FloatVector.broadcast(
                            Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, xIndex + (long) c * TOKENS));
            low = Lanes.load(panel, p).fma(b, low);
            high = Lanes.load(panel, p + Lanes.COUNT).fma(b, high);
        }
        Lanes.store(low, sums, s);
        Lanes.store(high, sums, s + Lanes.COUNT);
    }

    private static void four(
            MemorySegment panel,
            int row,
            MemorySegment x,
            long xIndex,
            MemorySegment sums,
            long s) {
        FloatVector a0 = Lanes.load(sums, s);
        FloatVector b0 = Lanes.load(sums, s + Lanes.COUNT);
        FloatVector a1 = Lanes.load(sums, s + ROWS);
        FloatVector b1 = Lanes.load(sums, s + ROWS + Lanes.COUNT);
        FloatVector a2 = Lanes.load(sums, s + 2 * ROWS);
        FloatVector b2 = Lanes.load(sums, s + 2 * ROWS + Lanes.COUNT);
        FloatVector a3 = Lanes.load(sums, s + 3 * ROWS);
        FloatVector b3 = Lanes.load(sums, s + 3 * ROWS + Lanes.COUNT);
        for (int c = 0; c < COLUMNS; c++) {
            FloatVector p = Lanes.load(panel, (long) c * ROWS + row);
            FloatVector q = Lanes.load(panel, (long) c * ROWS + row + Lanes.COUNT);
            long t = xIndex + (long) c * TOKENS;
            FloatVector v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t));
            a0 = p.fma(v, a0);
            b0 = q.fma(v, b0);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 1));
            a1 = p.fma(v, a1);
            b1 = q.fma(v, b1);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 2));
            a2 = p.fma(v, a2);
            b2 = q.fma(v, b2);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 3));
            a3 = p.fma(v, a3);
            b3 = q.fma(v, b3);
        }
        Lanes.store(a0, sums, s);
        Lanes.store(b0, sums, s + Lanes.COUNT);
        Lanes.store(a1, sums, s + ROWS);
        Lanes.store(b1, sums, s + ROWS + Lanes.COUNT);
        Lanes.store(a2, sums, s + 2 * ROWS);
        Lanes.store(b2, sums, s + 2 * ROWS + Lanes.COUNT);
        Lanes.store(a3, sums, s + 3 * ROWS);
        Lanes.store(b3, sums, s + 3 * ROWS + Lanes.COUNT);
    }

    private static void eight(
            MemorySegment panel,
            int row,
            MemorySegment x,
            long xIndex,
            MemorySegment sums,
            long s) {
        FloatVector a0 = Lanes.load(sums, s);
        FloatVector b0 = Lanes.load(sums, s + Lanes.COUNT);
        FloatVector a1 = Lanes.load(sums, s + ROWS);
        FloatVector b1 = Lanes.load(sums, s + ROWS + Lanes.COUNT);
        FloatVector a2 = Lanes.load(sums, s + 2 * ROWS);
        FloatVector b2 = Lanes.load(sums, s + 2 * ROWS + Lanes.COUNT);
        FloatVector a3 = Lanes.load(sums, s + 3 * ROWS);
        FloatVector b3 = Lanes.load(sums, s + 3 * ROWS + Lanes.COUNT);
        FloatVector a4 = Lanes.load(sums, s + 4 * ROWS);
        FloatVector b4 = Lanes.load(sums, s + 4 * ROWS + Lanes.COUNT);
        FloatVector a5 = Lanes.load(sums, s + 5 * ROWS);
        FloatVector b5 = Lanes.load(sums, s + 5 * ROWS + Lanes.COUNT);
        FloatVector a6 = Lanes.load(sums, s + 6 * ROWS);
        FloatVector b6 = Lanes.load(sums, s + 6 * ROWS + Lanes.COUNT);
        FloatVector a7 = Lanes.load(sums, s + 7 * ROWS);
        FloatVector b7 = Lanes.load(sums, s + 7 * ROWS + Lanes.COUNT);
        for (int c = 0; c < COLUMNS; c++) {
            FloatVector p = Lanes.load(panel, (long) c * ROWS + row);
            FloatVector q = Lanes.load(panel, (long) c * ROWS + row + Lanes.COUNT);
            long t = xIndex + (long) c * TOKENS;
            FloatVector v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t));
            a0 = p.fma(v, a0);
            b0 = q.fma(v, b0);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 1));
            a1 = p.fma(v, a1);
            b1 = q.fma(v, b1);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 2));
            a2 = p.fma(v, a2);
            b2 = q.fma(v, b2);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 3));
            a3 = p.fma(v, a3);
            b3 = q.fma(v, b3);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 4));
            a4 = p.fma(v, a4);
            b4 = q.fma(v, b4);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 5));
            a5 = p.fma(v, a5);
            b5 = q.fma(v, b5);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 6));
            a6 = p.fma(v, a6);
            b6 = q.fma(v, b6);
            v = FloatVector.broadcast(Lanes.FLOATS, x.getAtIndex(JAVA_FLOAT, t + 7));
            a7 = p.fma(v, a7);
            b7 = q.fma(v, b7);
        }
        Lanes.store(a0, sums, s);
        Lanes.store(b0, sums, s + Lanes.COUNT);
        Lanes.store(a1, sums, s + ROWS);
        Lanes.store(b1, sums, s + ROWS + Lanes.COUNT);
        Lanes.store(a2, sums, s + 2 * ROWS);
        Lanes.store(b2, sums, s + 2 * ROWS + Lanes.COUNT);
        Lanes.store(a3, sums, s + 3 * ROWS);
        Lanes.store(b3, sums, s + 3 * ROWS + Lanes.COUNT);
        Lanes.store(a4, sums, s + 4 * ROWS);
        Lanes.store(b4, sums, s + 4 * ROWS + Lanes.COUNT);
        Lanes.store(a5, sums, s + 5 * ROWS);
        Lanes.store(b5, sums, s + 5 * ROWS + Lanes.COUNT);
        Lanes.store(a6, sums, s + 6 * ROWS);
        Lanes.store(b6, sums, s + 6 * ROWS + Lanes.COUNT);
        Lanes.store(a7, sums, s + 7 * ROWS);
        Lanes.store(b7, sums, s + 7 * ROWS + Lanes.COUNT);
    }

    @Override
    public void store(MemorySegment sums, long sumsIndex, MemorySegment y, long yIndex) {
        for (int position = 0; position < ROWS; position++) {
            float value = sums.getAtIndex(JAVA_FLOAT, sumsIndex + position);
            y.setAtIndex(JAVA_FLOAT, yIndex + BlockHead.row(position), value);
        }
    }
}
