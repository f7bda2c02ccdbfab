package io.djlnpu.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Panels} on the Vector API: rows in the lanes, tokens broadcast, the accumulators of a
 * whole tile in registers.
 *
 * <p>Vector calls are written out: C2 stops inlining helpers of ours in graphs of this size, and
 * every vector that passes a call is boxed.
 */
final class VectorPanels implements Panels {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = Lanes.COUNT;

    /**
     * Tokens whose accumulators, two vectors each, fit the registers: 32 with AVX-512. Of 16
     * registers ten hold the sums of five tokens; with twelve C2 spills and runs at half the speed.
     */
    private static final int TOKENS = LANES == 16 ? 8 : 5;

    @Override
    public int tokens() {
        return TOKENS;
    }

    @Override
    public void dequantize(
            MemorySegment units, long offset, int count, MemorySegment panel, boolean narrow) {
        for (int u = 0; u < count; u++) {
            long unit = offset + (long) u * PackedUnits.UNIT_BYTES;
            for (int row = 0; row < ROWS; row += LANES) {
                long codes =
                        unit
                                + PackedUnits.CODES_OFFSET
                                + row / 16 * PackedUnits.LINE_BYTES
                                + row % 16 * 4;
                long target = 4L * (32 * ROWS * u + row);
                if (narrow) {
                    expandNarrow(units, unit + 4L * row, codes, panel, target);
                } else {
                    expand(units, unit + 4L * row, codes, panel, target);
                }
            }
        }
    }

    private static void expand(
            MemorySegment units, long head, long codes, MemorySegment panel, long target) {
        IntVector heads = IntVector.fromMemorySegment(Lanes.INTS, units, head, LITTLE_ENDIAN);
        FloatVector scale = heads.and(PackedUnits.SCALE_BITS).reinterpretAsFloats();
        FloatVector min =
                heads.lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT).reinterpretAsFloats();
        for (int eight = 0; eight < 4; eight++) {
            IntVector row =
                    IntVector.fromMemorySegment(
                            Lanes.INTS,
                            units,
                            codes + 2L * PackedUnits.LINE_BYTES * eight,
                            LITTLE_ENDIAN);
            for (int n = 0; n < 8; n++) {
                ((FloatVector)
                                row.lanewise(VectorOperators.LSHR, 4 * n)
                                        .and(15)
                                        .convert(VectorOperators.I2F, 0))
                        .fma(scale, min)
                        .intoMemorySegment(
                                panel, target + 4L * ROWS * (8 * eight + n), LITTLE_ENDIAN);
            }
        }
    }

    private static void expandNarrow(
            MemorySegment units, long head, long codes, MemorySegment panel, long target) {
        IntVector heads = IntVector.fromMemorySegment(Lanes.INTS, units, head, LITTLE_ENDIAN);
        FloatVector scale = heads.and(PackedUnits.SCALE_BITS).reinterpretAsFloats();
        FloatVector min =
                heads.lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT).reinterpretAsFloats();
        for (int eight = 0; eight < 4; eight++) {
            IntVector row =
                    IntVector.fromMemorySegment(
                            Lanes.INTS,
                            units,
                            codes + 2L * PackedUnits.LINE_BYTES * eight,
                            LITTLE_ENDIAN);
            for (int n = 0; n < 8; n++) {
                IntVector bits =
                        ((FloatVector)
                                        row.lanewise(VectorOperators.LSHR, 4 * n)
                                                .and(15)
                                                .convert(VectorOperators.I2F, 0))
                                .fma(scale, min)
                                .reinterpretAsInts();
                IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
                bits.add(0x7fff)
                        .add(odd)
                        .and(0xffff0000)
                        .intoMemorySegment(
                                panel, target + 4L * ROWS * (8 * eight + n), LITTLE_ENDIAN);
            }
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel,
            int columns,
            float[] x,
            int xIndex,
            int tokens,
            float[] sums,
            int sumsIndex) {
        for (int row = 0; row < ROWS; row += 2 * LANES) {
            if (TOKENS == 8 && tokens == 8) {
                eight(panel, columns, row, x, xIndex, sums, sumsIndex + row);
            } else if (TOKENS == 5 && tokens > 2) {
                five(panel, columns, row, x, xIndex, sums, sumsIndex + row);
            } else {
                for (int t = 0; t < tokens; t++) {
                    one(panel, columns, row, x, xIndex + t, sums, sumsIndex + t * ROWS + row);
                }
            }
        }
    }

    private static void one(
            MemorySegment panel, int columns, int row, float[] x, int xIndex, float[] sums, int s) {
        FloatVector low = FloatVector.fromArray(FLOATS, sums, s);
        FloatVector high = FloatVector.fromArray(FLOATS, sums, s + LANES);
        for (int c = 0; c < columns; c++) {
            long p = (long) c * ROWS + row;
            FloatVector b = FloatVector.broadcast(FLOATS, x[xIndex + c * TOKENS]);
            low = FloatVector.fromMemorySegment(FLOATS, panel, 4 * p, LITTLE_ENDIAN).fma(b, low);
            high =
                    FloatVector.fromMemorySegment(FLOATS, panel, 4 * (p + LANES), LITTLE_ENDIAN)
                            .fma(b, high);
        }
        low.intoArray(sums, s);
        high.intoArray(sums, s + LANES);
    }

    private static void five(
            MemorySegment panel, int columns, int row, float[] x, int xIndex, float[] sums, int s) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, sums, s);
        FloatVector b0 = FloatVector.fromArray(FLOATS, sums, s + LANES);
        FloatVector a1 = FloatVector.fromArray(FLOATS, sums, s + ROWS);
        FloatVector b1 = FloatVector.fromArray(FLOATS, sums, s + ROWS + LANES);
        FloatVector a2 = FloatVector.fromArray(FLOATS, sums, s + 2 * ROWS);
        FloatVector b2 = FloatVector.fromArray(FLOATS, sums, s + 2 * ROWS + LANES);
        FloatVector a3 = FloatVector.fromArray(FLOATS, sums, s + 3 * ROWS);
        FloatVector b3 = FloatVector.fromArray(FLOATS, sums, s + 3 * ROWS + LANES);
        FloatVector a4 = FloatVector.fromArray(FLOATS, sums, s + 4 * ROWS);
        FloatVector b4 = FloatVector.fromArray(FLOATS, sums, s + 4 * ROWS + LANES);
        for (int c = 0; c < columns; c++) {
            FloatVector p =
                    FloatVector.fromMemorySegment(
                            FLOATS, panel, 4 * ((long) c * ROWS + row), LITTLE_ENDIAN);
            FloatVector q =
                    FloatVector.fromMemorySegment(
                            FLOATS, panel, 4 * ((long) c * ROWS + row + LANES), LITTLE_ENDIAN);
            int t = xIndex + c * TOKENS;
            FloatVector v = FloatVector.broadcast(FLOATS, x[t]);
            a0 = p.fma(v, a0);
            b0 = q.fma(v, b0);
            v = FloatVector.broadcast(FLOATS, x[t + 1]);
            a1 = p.fma(v, a1);
            b1 = q.fma(v, b1);
            v = FloatVector.broadcast(FLOATS, x[t + 2]);
            a2 = p.fma(v, a2);
            b2 = q.fma(v, b2);
            v = FloatVector.broadcast(FLOATS, x[t + 3]);
            a3 = p.fma(v, a3);
            b3 = q.fma(v, b3);
            v = FloatVector.broadcast(FLOATS, x[t + 4]);
            a4 = p.fma(v, a4);
            b4 = q.fma(v, b4);
        }
        a0.intoArray(sums, s);
        b0.intoArray(sums, s + LANES);
        a1.intoArray(sums, s + ROWS);
        b1.intoArray(sums, s + ROWS + LANES);
        a2.intoArray(sums, s + 2 * ROWS);
        b2.intoArray(sums, s + 2 * ROWS + LANES);
        a3.intoArray(sums, s + 3 * ROWS);
        b3.intoArray(sums, s + 3 * ROWS + LANES);
        a4.intoArray(sums, s + 4 * ROWS);
        b4.intoArray(sums, s + 4 * ROWS + LANES);
    }

    private static void eight(
            MemorySegment panel, int columns, int row, float[] x, int xIndex, float[] sums, int s) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, sums, s);
        FloatVector b0 = FloatVector.fromArray(FLOATS, sums, s + LANES);
        FloatVector a1 = FloatVector.fromArray(FLOATS, sums, s + ROWS);
        FloatVector b1 = FloatVector.fromArray(FLOATS, sums, s + ROWS + LANES);
        FloatVector a2 = FloatVector.fromArray(FLOATS, sums, s + 2 * ROWS);
        FloatVector b2 = FloatVector.fromArray(FLOATS, sums, s + 2 * ROWS + LANES);
        FloatVector a3 = FloatVector.fromArray(FLOATS, sums, s + 3 * ROWS);
        FloatVector b3 = FloatVector.fromArray(FLOATS, sums, s + 3 * ROWS + LANES);
        FloatVector a4 = FloatVector.fromArray(FLOATS, sums, s + 4 * ROWS);
        FloatVector b4 = FloatVector.fromArray(FLOATS, sums, s + 4 * ROWS + LANES);
        FloatVector a5 = FloatVector.fromArray(FLOATS, sums, s + 5 * ROWS);
        FloatVector b5 = FloatVector.fromArray(FLOATS, sums, s + 5 * ROWS + LANES);
        FloatVector a6 = FloatVector.fromArray(FLOATS, sums, s + 6 * ROWS);
        FloatVector b6 = FloatVector.fromArray(FLOATS, sums, s + 6 * ROWS + LANES);
        FloatVector a7 = FloatVector.fromArray(FLOATS, sums, s + 7 * ROWS);
        FloatVector b7 = FloatVector.fromArray(FLOATS, sums, s + 7 * ROWS + LANES);
        for (int c = 0; c < columns; c++) {
            FloatVector p =
                    FloatVector.fromMemorySegment(
                            FLOATS, panel, 4 * ((long) c * ROWS + row), LITTLE_ENDIAN);
            FloatVector q =
                    FloatVector.fromMemorySegment(
                            FLOATS, panel, 4 * ((long) c * ROWS + row + LANES), LITTLE_ENDIAN);
            int t = xIndex + c * TOKENS;
            FloatVector v = FloatVector.broadcast(FLOATS, x[t]);
            a0 = p.fma(v, a0);
            b0 = q.fma(v, b0);
            v = FloatVector.broadcast(FLOATS, x[t + 1]);
            a1 = p.fma(v, a1);
            b1 = q.fma(v, b1);
            v = FloatVector.broadcast(FLOATS, x[t + 2]);
            a2 = p.fma(v, a2);
            b2 = q.fma(v, b2);
            v = FloatVector.broadcast(FLOATS, x[t + 3]);
            a3 = p.fma(v, a3);
            b3 = q.fma(v, b3);
            v = FloatVector.broadcast(FLOATS, x[t + 4]);
            a4 = p.fma(v, a4);
            b4 = q.fma(v, b4);
            v = FloatVector.broadcast(FLOATS, x[t + 5]);
            a5 = p.fma(v, a5);
            b5 = q.fma(v, b5);
            v = FloatVector.broadcast(FLOATS, x[t + 6]);
            a6 = p.fma(v, a6);
            b6 = q.fma(v, b6);
            v = FloatVector.broadcast(FLOATS, x[t + 7]);
            a7 = p.fma(v, a7);
            b7 = q.fma(v, b7);
        }
        a0.intoArray(sums, s);
        b0.intoArray(sums, s + LANES);
        a1.intoArray(sums, s + ROWS);
        b1.intoArray(sums, s + ROWS + LANES);
        a2.intoArray(sums, s + 2 * ROWS);
        b2.intoArray(sums, s + 2 * ROWS + LANES);
        a3.intoArray(sums, s + 3 * ROWS);
        b3.intoArray(sums, s + 3 * ROWS + LANES);
        a4.intoArray(sums, s + 4 * ROWS);
        b4.intoArray(sums, s + 4 * ROWS + LANES);
        a5.intoArray(sums, s + 5 * ROWS);
        b5.intoArray(sums, s + 5 * ROWS + LANES);
        a6.intoArray(sums, s + 6 * ROWS);
        b6.intoArray(sums, s + 6 * ROWS + LANES);
        a7.intoArray(sums, s + 7 * ROWS);
        b7.intoArray(sums, s + 7 * ROWS + LANES);
    }

    @Override
    public void store(float[] sums, int sumsIndex, boolean narrow, MemorySegment y, long yIndex) {
        for (int row = 0; row < ROWS; row += LANES) {
            FloatVector sum = FloatVector.fromArray(FLOATS, sums, sumsIndex + row);
            Lanes.store(narrow ? Lanes.round(sum) : sum, y, yIndex + row);
        }
    }
}
