package io.djlnpu.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link TokenPanels} on the Vector API, to the bits of the plain one.
 *
 * <p>Vector calls of the products are written out: C2 stops inlining helpers of ours in graphs of
 * that size, and every vector that passes a call is boxed.
 */
final class VectorTokenPanels implements TokenPanels {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
    private static final int LANES = Lanes.COUNT;

    private static final TokenPanels SCALAR = new ScalarTokenPanels();

    /** Distances of a row's values in a tile. */
    private static final int[] COLUMN_STEPS = new int[LANES];

    static {
        Arrays.setAll(COLUMN_STEPS, i -> i * ROWS);
    }

    @Override
    public void pack(MemorySegment matrix, long offset, int columns, float[] tile, int tileIndex) {
        if (LANES != 16) {
            // without an instruction that scatters, a vector's stores are slower than plain ones
            SCALAR.pack(matrix, offset, columns, tile, tileIndex);
            return;
        }
        int c = 0;
        for (; c + LANES <= columns; c += LANES) {
            for (int r = 0; r < ROWS; r++) {
                long at = offset + 2L * (r * columns + c);
                IntVector wide =
                        (IntVector)
                                ShortVector.fromMemorySegment(SHORTS, matrix, at, LITTLE_ENDIAN)
                                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
                wide.lanewise(VectorOperators.LSHL, 16)
                        .reinterpretAsFloats()
                        .intoArray(tile, tileIndex + c * ROWS + r, COLUMN_STEPS, 0);
            }
        }
        if (c < columns) {
            SCALAR.pack(matrix, offset, columns, tile, tileIndex);
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel,
            long panelIndex,
            int columns,
            float[] tile,
            int tileIndex,
            float[] sums,
            int sumsIndex) {
        long at = RawMemory.at(panel, 4 * panelIndex, 4L * columns * TOKENS);
        for (int t = 0; t < TOKENS; t += 2 * LANES) {
            if (LANES == 16) {
                eight(panel, at + 4 * t, columns, tile, tileIndex, sums, sumsIndex + t);
            } else {
                four(panel, at + 4 * t, columns, tile, tileIndex, sums, sumsIndex + t);
                four(
                        panel,
                        at + 4 * t,
                        columns,
                        tile,
                        tileIndex + 4,
                        sums,
                        sumsIndex + 4 * TOKENS + t);
            }
        }
    }

    private static void eight(
            MemorySegment panelMemory,
            long firstColumn,
            int columns,
            float[] x,
            int xIndex,
            float[] sums,
            int s) {
        MemorySegment panel = RawMemory.of(panelMemory);
        long column = firstColumn;
        FloatVector a0 = FloatVector.fromArray(FLOATS, sums, s);
        FloatVector b0 = FloatVector.fromArray(FLOATS, sums, s + LANES);
        FloatVector a1 = FloatVector.fromArray(FLOATS, sums, s + TOKENS);
        FloatVector b1 = FloatVector.fromArray(FLOATS, sums, s + TOKENS + LANES);
        FloatVector a2 = FloatVector.fromArray(FLOATS, sums, s + 2 * TOKENS);
        FloatVector b2 = FloatVector.fromArray(FLOATS, sums, s + 2 * TOKENS + LANES);
        FloatVector a3 = FloatVector.fromArray(FLOATS, sums, s + 3 * TOKENS);
        FloatVector b3 = FloatVector.fromArray(FLOATS, sums, s + 3 * TOKENS + LANES);
        FloatVector a4 = FloatVector.fromArray(FLOATS, sums, s + 4 * TOKENS);
        FloatVector b4 = FloatVector.fromArray(FLOATS, sums, s + 4 * TOKENS + LANES);
        FloatVector a5 = FloatVector.fromArray(FLOATS, sums, s + 5 * TOKENS);
        FloatVector b5 = FloatVector.fromArray(FLOATS, sums, s + 5 * TOKENS + LANES);
        FloatVector a6 = FloatVector.fromArray(FLOATS, sums, s + 6 * TOKENS);
        FloatVector b6 = FloatVector.fromArray(FLOATS, sums, s + 6 * TOKENS + LANES);
        FloatVector a7 = FloatVector.fromArray(FLOATS, sums, s + 7 * TOKENS);
        FloatVector b7 = FloatVector.fromArray(FLOATS, sums, s + 7 * TOKENS + LANES);
        for (int c = 0; c < columns; c++) {
            long at = column & RawMemory.INDEX;
            FloatVector p = FloatVector.fromMemorySegment(FLOATS, panel, at, LITTLE_ENDIAN);
            FloatVector q =
                    FloatVector.fromMemorySegment(FLOATS, panel, at + 4 * LANES, LITTLE_ENDIAN);
            int t = xIndex + c * ROWS;
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
            column += 4 * TOKENS;
        }
        a0.intoArray(sums, s);
        b0.intoArray(sums, s + LANES);
        a1.intoArray(sums, s + TOKENS);
        b1.intoArray(sums, s + TOKENS + LANES);
        a2.intoArray(sums, s + 2 * TOKENS);
        b2.intoArray(sums, s + 2 * TOKENS + LANES);
        a3.intoArray(sums, s + 3 * TOKENS);
        b3.intoArray(sums, s + 3 * TOKENS + LANES);
        a4.intoArray(sums, s + 4 * TOKENS);
        b4.intoArray(sums, s + 4 * TOKENS + LANES);
        a5.intoArray(sums, s + 5 * TOKENS);
        b5.intoArray(sums, s + 5 * TOKENS + LANES);
        a6.intoArray(sums, s + 6 * TOKENS);
        b6.intoArray(sums, s + 6 * TOKENS + LANES);
        a7.intoArray(sums, s + 7 * TOKENS);
        b7.intoArray(sums, s + 7 * TOKENS + LANES);
    }

    private static void four(
            MemorySegment panelMemory,
            long firstColumn,
            int columns,
            float[] x,
            int xIndex,
            float[] sums,
            int s) {
        MemorySegment panel = RawMemory.of(panelMemory);
        long column = firstColumn;
        FloatVector a0 = FloatVector.fromArray(FLOATS, sums, s);
        FloatVector b0 = FloatVector.fromArray(FLOATS, sums, s + LANES);
        FloatVector a1 = FloatVector.fromArray(FLOATS, sums, s + TOKENS);
        FloatVector b1 = FloatVector.fromArray(FLOATS, sums, s + TOKENS + LANES);
        FloatVector a2 = FloatVector.fromArray(FLOATS, sums, s + 2 * TOKENS);
        FloatVector b2 = FloatVector.fromArray(FLOATS, sums, s + 2 * TOKENS + LANES);
        FloatVector a3 = FloatVector.fromArray(FLOATS, sums, s + 3 * TOKENS);
        FloatVector b3 = FloatVector.fromArray(FLOATS, sums, s + 3 * TOKENS + LANES);
        for (int c = 0; c < columns; c++) {
            long at = column & RawMemory.INDEX;
            FloatVector p = FloatVector.fromMemorySegment(FLOATS, panel, at, LITTLE_ENDIAN);
            FloatVector q =
                    FloatVector.fromMemorySegment(FLOATS, panel, at + 4 * LANES, LITTLE_ENDIAN);
            int t = xIndex + c * ROWS;
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
            column += 4 * TOKENS;
        }
        a0.intoArray(sums, s);
        b0.intoArray(sums, s + LANES);
        a1.intoArray(sums, s + TOKENS);
        b1.intoArray(sums, s + TOKENS + LANES);
        a2.intoArray(sums, s + 2 * TOKENS);
        b2.intoArray(sums, s + 2 * TOKENS + LANES);
        a3.intoArray(sums, s + 3 * TOKENS);
        b3.intoArray(sums, s + 3 * TOKENS + LANES);
    }

    @Override
    public void finish(
            float[] sums,
            int sumsIndex,
            int rows,
            float[] bias,
            int biasIndex,
            Finish finish,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        switch (finish) {
            case STORE -> store(sums, sumsIndex, rows, bias, biasIndex, narrow, y, yIndex);
            case GELU -> gelu(sums, sumsIndex, rows, bias, biasIndex, narrow, y, yIndex);
            case ADD -> add(sums, sumsIndex, rows, bias, biasIndex, narrow, y, yIndex);
        }
    }

    private static void store(
            float[] sums,
            int s,
            int rows,
            float[] bias,
            int b,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i += LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, sums, s + i).add(bias[b + i / TOKENS]);
            Lanes.store(narrow ? Lanes.round(v) : v, y, yIndex + i);
        }
    }

    private static void gelu(
            float[] sums,
            int s,
            int rows,
            float[] bias,
            int b,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, sums, s + i).add(bias[b + i / TOKENS]);
            FloatVector u =
                    x.mul(Exponential.GELU_CUBIC).mul(x).fma(x, x).mul(Exponential.GELU_SCALE);
            FloatVector v = x.div(Lanes.exp(u.mul(-2)).add(1));
            Lanes.store(narrow ? Lanes.round(v) : v, y, yIndex + i);
        }
    }

    private static void add(
            float[] sums,
            int s,
            int rows,
            float[] bias,
            int b,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i += LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, sums, s + i).add(bias[b + i / TOKENS]);
            FloatVector before = Lanes.load(y, yIndex + i);
            FloatVector after = narrow ? Lanes.round(before.add(Lanes.round(v))) : before.add(v);
            Lanes.store(after, y, yIndex + i);
        }
    }

    @Override
    public void layerNorm(
            MemorySegment x,
            long xIndex,
            float[] weight,
            float[] bias,
            float epsilon,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        int width = weight.length;
        for (int t = 0; t < TOKENS; t += LANES) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int c = 0; c < width; c++) {
                sum = sum.add(Lanes.load(x, xIndex + (long) c * TOKENS + t));
            }
            FloatVector mean = sum.div(width);
            FloatVector squares = FloatVector.zero(FLOATS);
            for (int c = 0; c < width; c++) {
                FloatVector d = Lanes.load(x, xIndex + (long) c * TOKENS + t).sub(mean);
                squares = d.fma(d, squares);
            }
            FloatVector root = squares.div(width).add(epsilon).sqrt();
            FloatVector factor = FloatVector.broadcast(FLOATS, 1).div(root);
            for (int c = 0; c < width; c++) {
                long i = (long) c * TOKENS + t;
                FloatVector d = Lanes.load(x, xIndex + i).sub(mean).mul(factor);
                FloatVector v =
                        d.fma(
                                FloatVector.broadcast(FLOATS, weight[c]),
                                FloatVector.broadcast(FLOATS, bias[c]));
                Lanes.store(narrow ? Lanes.round(v) : v, y, yIndex + i);
            }
        }
    }

    @Override
    public void absorb(
            float[] scores,
            int keys,
            float scale,
            float[] state,
            MemorySegment weights,
            float[] output,
            int rows) {
        for (int t = 0; t < TOKENS; t += LANES) {
            weigh(scores, keys, scale, state, t, weights, output, rows);
        }
    }

    private static void weigh(
            float[] scores,
            int keys,
            float scale,
            float[] state,
            int t,
            MemorySegment weights,
            float[] output,
            int rows) {
        FloatVector before = FloatVector.fromArray(FLOATS, state, t);
        FloatVector maximum = before;
        for (int k = 0; k < keys; k++) {
            maximum = maximum.max(FloatVector.fromArray(FLOATS, scores, k * TOKENS + t));
        }
        maximum.intoArray(state, t);
        FloatVector decay = Lanes.exp(before.sub(maximum).mul(scale));
        for (int r = 0; r < rows; r++) {
            int i = r * TOKENS + t;
            FloatVector.fromArray(FLOATS, output, i).mul(decay).intoArray(output, i);
        }
        FloatVector.fromArray(FLOATS, state, TOKENS + t).mul(decay).intoArray(state, TOKENS + t);
        exponentials(scores, keys, scale, state, t, weights);
    }

    /** {@link Lanes#exp}, written out. */
    private static void exponentials(
            float[] scores, int keys, float scale, float[] state, int t, MemorySegment weights) {
        FloatVector maximum = FloatVector.fromArray(FLOATS, state, t);
        FloatVector sum = FloatVector.fromArray(FLOATS, state, TOKENS + t);
        for (int k = 0; k < keys; k++) {
            FloatVector x =
                    FloatVector.fromArray(FLOATS, scores, k * TOKENS + t)
                            .sub(maximum)
                            .mul(scale)
                            .max(Exponential.MIN);
            FloatVector round = FloatVector.broadcast(FLOATS, Exponential.ROUND);
            FloatVector shifted = x.fma(FloatVector.broadcast(FLOATS, Exponential.LOG2_E), round);
            FloatVector n = shifted.sub(round);
            FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_HIGH), x);
            r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_LOW), r);
            FloatVector p = FloatVector.broadcast(FLOATS, Exponential.C6);
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C5));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C4));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C3));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C2));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C1));
            p = p.fma(r.mul(r), r).add(1);
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector weight = p.mul(exponent.add(Exponential.ONE).reinterpretAsFloats());
            sum = sum.add(weight);
            weight.intoMemorySegment(weights, 4 * ((long) k * TOKENS + t), LITTLE_ENDIAN);
        }
        sum.intoArray(state, TOKENS + t);
    }

    @Override
    public void normalize(
            float[] output, int rows, float[] state, boolean narrow, MemorySegment y, long yIndex) {
        for (int t = 0; t < TOKENS; t += LANES) {
            FloatVector sum = FloatVector.fromArray(FLOATS, state, TOKENS + t);
            for (int r = 0; r < rows; r++) {
                int i = r * TOKENS + t;
                FloatVector v = FloatVector.fromArray(FLOATS, output, i).div(sum);
                Lanes.store(narrow ? Lanes.round(v) : v, y, yIndex + i);
            }
        }
    }
}
