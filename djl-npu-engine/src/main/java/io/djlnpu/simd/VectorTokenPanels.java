package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
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
    private static final int LANES = Lanes.COUNT;

    private static final int ROWS = VectorTile.ROWS;

    /** Bytes of a row of tokens. */
    private static final int ROW = 4 * TOKENS;

    @Override
    public int tileRows() {
        return ROWS;
    }

    @Override
    public void pack(
            MemorySegment matrix, long offset, int columns, MemorySegment tile, long tileIndex) {
        long source = RawMemory.at(matrix, offset, 2L * columns);
        long target = RawMemory.at(tile, 4 * tileIndex, 4 * (ROWS * (columns - 1L) + 1));
        MemorySegment bits = RawMemory.of(matrix);
        MemorySegment floats = RawMemory.of(tile);
        for (int c = 0; c < columns; c++) {
            floats.set(
                    JAVA_INT_UNALIGNED,
                    target + 4L * ROWS * c & RawMemory.INDEX,
                    bits.get(JAVA_SHORT_UNALIGNED, source + 2L * c & RawMemory.INDEX) << 16);
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel,
            long panelIndex,
            int columns,
            MemorySegment tiles,
            long tileIndex,
            long tileStep,
            int count,
            MemorySegment sums,
            long sumsIndex) {
        VectorTile.multiplyAdd(
                panel,
                panelIndex,
                columns,
                tiles,
                tileIndex,
                tileStep,
                count * ROWS,
                sums,
                sumsIndex);
    }

    @Override
    public void finish(
            MemorySegment sums,
            long sumsIndex,
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
            MemorySegment sums,
            long s,
            int rows,
            float[] bias,
            int b,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i += LANES) {
            FloatVector v = Lanes.load(sums, s + i).add(bias[b + i / TOKENS]);
            Lanes.store(narrow ? Lanes.round(v) : v, y, yIndex + i);
        }
    }

    private static void gelu(
            MemorySegment sums,
            long s,
            int rows,
            float[] bias,
            int b,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i += LANES) {
            FloatVector x = Lanes.load(sums, s + i).add(bias[b + i / TOKENS]);
            FloatVector u =
                    x.mul(Exponential.GELU_CUBIC).mul(x).fma(x, x).mul(Exponential.GELU_SCALE);
            FloatVector v = x.div(Lanes.exp(u.mul(-2)).add(1));
            Lanes.store(narrow ? Lanes.round(v) : v, y, yIndex + i);
        }
    }

    private static void add(
            MemorySegment sums,
            long s,
            int rows,
            float[] bias,
            int b,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i += LANES) {
            FloatVector v = Lanes.load(sums, s + i).add(bias[b + i / TOKENS]);
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
            MemorySegment scores,
            int keys,
            float scale,
            float[] state,
            MemorySegment output,
            int rows) {
        long score = RawMemory.at(scores, 0, (long) ROW * keys);
        long sum = RawMemory.at(output, 0, (long) ROW * rows);
        for (int t = 0; t < TOKENS; t += LANES) {
            decay(scores, score + 4 * t, keys, scale, state, t, output, sum + 4 * t, rows);
            exponentials(scores, score + 4 * t, keys, scale, state, t);
        }
    }

    /** Takes the maximum of a run, and shrinks what was summed below another. */
    private static void decay(
            MemorySegment scoreMemory,
            long score,
            int keys,
            float scale,
            float[] state,
            int t,
            MemorySegment outputMemory,
            long sum,
            int rows) {
        MemorySegment scores = RawMemory.of(scoreMemory);
        MemorySegment output = RawMemory.of(outputMemory);
        FloatVector before = FloatVector.fromArray(FLOATS, state, t);
        FloatVector maximum = before;
        for (int k = 0; k < keys; k++) {
            long at = score + (long) k * ROW & RawMemory.INDEX;
            FloatVector x = FloatVector.fromMemorySegment(FLOATS, scores, at, LITTLE_ENDIAN);
            // half of the instructions of max, which orders zeros and NaN too
            maximum = maximum.blend(x, x.compare(VectorOperators.GT, maximum));
        }
        maximum.intoArray(state, t);
        FloatVector decay = Lanes.exp(before.sub(maximum).mul(scale));
        for (int r = 0; r < rows; r++) {
            long at = sum + (long) r * ROW & RawMemory.INDEX;
            FloatVector.fromMemorySegment(FLOATS, output, at, LITTLE_ENDIAN)
                    .mul(decay)
                    .intoMemorySegment(output, at, LITTLE_ENDIAN);
        }
        FloatVector.fromArray(FLOATS, state, TOKENS + t).mul(decay).intoArray(state, TOKENS + t);
    }

    /** {@link Lanes#exp}, written out. */
    private static void exponentials(
            MemorySegment scoreMemory, long score, int keys, float scale, float[] state, int t) {
        MemorySegment scores = RawMemory.of(scoreMemory);
        FloatVector maximum = FloatVector.fromArray(FLOATS, state, t);
        FloatVector sum = FloatVector.fromArray(FLOATS, state, TOKENS + t);
        for (int k = 0; k < keys; k++) {
            long at = score + (long) k * ROW & RawMemory.INDEX;
            FloatVector x =
                    FloatVector.fromMemorySegment(FLOATS, scores, at, LITTLE_ENDIAN)
                            .sub(maximum)
                            .mul(scale);
            x = x.blend(Exponential.MIN, x.compare(VectorOperators.LT, Exponential.MIN));
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
            weight.intoMemorySegment(scores, at, LITTLE_ENDIAN);
        }
        sum.intoArray(state, TOKENS + t);
    }

    @Override
    public void normalize(
            MemorySegment output,
            int rows,
            float[] state,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int t = 0; t < TOKENS; t += LANES) {
            FloatVector sum = FloatVector.fromArray(FLOATS, state, TOKENS + t);
            for (int r = 0; r < rows; r++) {
                long i = (long) r * TOKENS + t;
                FloatVector v = Lanes.load(output, i).div(sum);
                Lanes.store(narrow ? Lanes.round(v) : v, y, yIndex + i);
            }
        }
    }
}
