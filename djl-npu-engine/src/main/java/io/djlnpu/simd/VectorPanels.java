package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Panels} on the Vector API: rows in the lanes, tokens broadcast, the accumulators of a
 * whole tile in registers.
 */
final class VectorPanels implements Panels {

    /** Scratch: a block's scales, then its mins. */
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

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
                    FloatVector scale =
                            FloatVector.fromMemorySegment(
                                    F, scratch, 4 * (position), LITTLE_ENDIAN);
                    FloatVector min =
                            FloatVector.fromMemorySegment(
                                    F, scratch, 4 * (MINS + position), LITTLE_ENDIAN);
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
                            IntVector raw = weight.reinterpretAsInts();
                            IntVector odd = raw.lanewise(VectorOperators.LSHR, 16).and(1);
                            weight = raw.add(0x7fff).add(odd).and(0xffff0000).reinterpretAsFloats();
                        }
                        weight.intoMemorySegment(
                                panel, 4 * ((long) c * ROWS + 16 * half + part), LITTLE_ENDIAN);
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
        FloatVector low = FloatVector.fromMemorySegment(F, sums, 4 * (s), LITTLE_ENDIAN);
        FloatVector high =
                FloatVector.fromMemorySegment(F, sums, 4 * (s + Lanes.COUNT), LITTLE_ENDIAN);
        for (int c = 0; c < COLUMNS; c++) {
            long p = (long) c * ROWS + row;
            FloatVector b =
                    FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, xIndex + (long) c * TOKENS));
            low = FloatVector.fromMemorySegment(F, panel, 4 * (p), LITTLE_ENDIAN).fma(b, low);
            high =
                    FloatVector.fromMemorySegment(F, panel, 4 * (p + Lanes.COUNT), LITTLE_ENDIAN)
                            .fma(b, high);
        }
        low.intoMemorySegment(sums, 4 * (s), LITTLE_ENDIAN);
        high.intoMemorySegment(sums, 4 * (s + Lanes.COUNT), LITTLE_ENDIAN);
    }

    private static void four(
            MemorySegment panel,
            int row,
            MemorySegment x,
            long xIndex,
            MemorySegment sums,
            long s) {
        FloatVector a0 = FloatVector.fromMemorySegment(F, sums, 4 * (s), LITTLE_ENDIAN);
        FloatVector b0 =
                FloatVector.fromMemorySegment(F, sums, 4 * (s + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a1 = FloatVector.fromMemorySegment(F, sums, 4 * (s + ROWS), LITTLE_ENDIAN);
        FloatVector b1 =
                FloatVector.fromMemorySegment(F, sums, 4 * (s + ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a2 = FloatVector.fromMemorySegment(F, sums, 4 * (s + 2 * ROWS), LITTLE_ENDIAN);
        FloatVector b2 =
                FloatVector.fromMemorySegment(
                        F, sums, 4 * (s + 2 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a3 = FloatVector.fromMemorySegment(F, sums, 4 * (s + 3 * ROWS), LITTLE_ENDIAN);
        FloatVector b3 =
                FloatVector.fromMemorySegment(
                        F, sums, 4 * (s + 3 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        for (int c = 0; c < COLUMNS; c++) {
            FloatVector p =
                    FloatVector.fromMemorySegment(
                            F, panel, 4 * ((long) c * ROWS + row), LITTLE_ENDIAN);
            FloatVector q =
                    FloatVector.fromMemorySegment(
                            F, panel, 4 * ((long) c * ROWS + row + Lanes.COUNT), LITTLE_ENDIAN);
            long t = xIndex + (long) c * TOKENS;
            FloatVector v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t));
            a0 = p.fma(v, a0);
            b0 = q.fma(v, b0);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 1));
            a1 = p.fma(v, a1);
            b1 = q.fma(v, b1);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 2));
            a2 = p.fma(v, a2);
            b2 = q.fma(v, b2);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 3));
            a3 = p.fma(v, a3);
            b3 = q.fma(v, b3);
        }
        a0.intoMemorySegment(sums, 4 * (s), LITTLE_ENDIAN);
        b0.intoMemorySegment(sums, 4 * (s + Lanes.COUNT), LITTLE_ENDIAN);
        a1.intoMemorySegment(sums, 4 * (s + ROWS), LITTLE_ENDIAN);
        b1.intoMemorySegment(sums, 4 * (s + ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        a2.intoMemorySegment(sums, 4 * (s + 2 * ROWS), LITTLE_ENDIAN);
        b2.intoMemorySegment(sums, 4 * (s + 2 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        a3.intoMemorySegment(sums, 4 * (s + 3 * ROWS), LITTLE_ENDIAN);
        b3.intoMemorySegment(sums, 4 * (s + 3 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
    }

    private static void eight(
            MemorySegment panel,
            int row,
            MemorySegment x,
            long xIndex,
            MemorySegment sums,
            long s) {
        FloatVector a0 = FloatVector.fromMemorySegment(F, sums, 4 * (s), LITTLE_ENDIAN);
        FloatVector b0 =
                FloatVector.fromMemorySegment(F, sums, 4 * (s + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a1 = FloatVector.fromMemorySegment(F, sums, 4 * (s + ROWS), LITTLE_ENDIAN);
        FloatVector b1 =
                FloatVector.fromMemorySegment(F, sums, 4 * (s + ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a2 = FloatVector.fromMemorySegment(F, sums, 4 * (s + 2 * ROWS), LITTLE_ENDIAN);
        FloatVector b2 =
                FloatVector.fromMemorySegment(
                        F, sums, 4 * (s + 2 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a3 = FloatVector.fromMemorySegment(F, sums, 4 * (s + 3 * ROWS), LITTLE_ENDIAN);
        FloatVector b3 =
                FloatVector.fromMemorySegment(
                        F, sums, 4 * (s + 3 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a4 = FloatVector.fromMemorySegment(F, sums, 4 * (s + 4 * ROWS), LITTLE_ENDIAN);
        FloatVector b4 =
                FloatVector.fromMemorySegment(
                        F, sums, 4 * (s + 4 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a5 = FloatVector.fromMemorySegment(F, sums, 4 * (s + 5 * ROWS), LITTLE_ENDIAN);
        FloatVector b5 =
                FloatVector.fromMemorySegment(
                        F, sums, 4 * (s + 5 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a6 = FloatVector.fromMemorySegment(F, sums, 4 * (s + 6 * ROWS), LITTLE_ENDIAN);
        FloatVector b6 =
                FloatVector.fromMemorySegment(
                        F, sums, 4 * (s + 6 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        FloatVector a7 = FloatVector.fromMemorySegment(F, sums, 4 * (s + 7 * ROWS), LITTLE_ENDIAN);
        FloatVector b7 =
                FloatVector.fromMemorySegment(
                        F, sums, 4 * (s + 7 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        for (int c = 0; c < COLUMNS; c++) {
            FloatVector p =
                    FloatVector.fromMemorySegment(
                            F, panel, 4 * ((long) c * ROWS + row), LITTLE_ENDIAN);
            FloatVector q =
                    FloatVector.fromMemorySegment(
                            F, panel, 4 * ((long) c * ROWS + row + Lanes.COUNT), LITTLE_ENDIAN);
            long t = xIndex + (long) c * TOKENS;
            FloatVector v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t));
            a0 = p.fma(v, a0);
            b0 = q.fma(v, b0);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 1));
            a1 = p.fma(v, a1);
            b1 = q.fma(v, b1);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 2));
            a2 = p.fma(v, a2);
            b2 = q.fma(v, b2);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 3));
            a3 = p.fma(v, a3);
            b3 = q.fma(v, b3);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 4));
            a4 = p.fma(v, a4);
            b4 = q.fma(v, b4);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 5));
            a5 = p.fma(v, a5);
            b5 = q.fma(v, b5);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 6));
            a6 = p.fma(v, a6);
            b6 = q.fma(v, b6);
            v = FloatVector.broadcast(F, x.getAtIndex(JAVA_FLOAT, t + 7));
            a7 = p.fma(v, a7);
            b7 = q.fma(v, b7);
        }
        a0.intoMemorySegment(sums, 4 * (s), LITTLE_ENDIAN);
        b0.intoMemorySegment(sums, 4 * (s + Lanes.COUNT), LITTLE_ENDIAN);
        a1.intoMemorySegment(sums, 4 * (s + ROWS), LITTLE_ENDIAN);
        b1.intoMemorySegment(sums, 4 * (s + ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        a2.intoMemorySegment(sums, 4 * (s + 2 * ROWS), LITTLE_ENDIAN);
        b2.intoMemorySegment(sums, 4 * (s + 2 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        a3.intoMemorySegment(sums, 4 * (s + 3 * ROWS), LITTLE_ENDIAN);
        b3.intoMemorySegment(sums, 4 * (s + 3 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        a4.intoMemorySegment(sums, 4 * (s + 4 * ROWS), LITTLE_ENDIAN);
        b4.intoMemorySegment(sums, 4 * (s + 4 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        a5.intoMemorySegment(sums, 4 * (s + 5 * ROWS), LITTLE_ENDIAN);
        b5.intoMemorySegment(sums, 4 * (s + 5 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        a6.intoMemorySegment(sums, 4 * (s + 6 * ROWS), LITTLE_ENDIAN);
        b6.intoMemorySegment(sums, 4 * (s + 6 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
        a7.intoMemorySegment(sums, 4 * (s + 7 * ROWS), LITTLE_ENDIAN);
        b7.intoMemorySegment(sums, 4 * (s + 7 * ROWS + Lanes.COUNT), LITTLE_ENDIAN);
    }

    @Override
    public void store(MemorySegment sums, long sumsIndex, MemorySegment y, long yIndex) {
        for (int position = 0; position < ROWS; position++) {
            float value = sums.getAtIndex(JAVA_FLOAT, sumsIndex + position);
            y.setAtIndex(JAVA_FLOAT, yIndex + BlockHead.row(position), value);
        }
    }
}
