package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Attention} on the Vector API: four keys at a time for the scores, four vectors of output
 * for the values.
 *
 * <p>Vector operations are written out, once for each element type of the cache: C2 stops inlining
 * helpers in methods of this size, and then every vector is an object.
 */
final class VectorAttention implements Attention {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> S = Lanes.SHORTS;
    private static final VectorOperators.Conversion<Short, Integer> WIDEN =
            VectorOperators.ZERO_EXTEND_S2I;
    private static final int WIDTH = Lanes.COUNT;

    /** Where partial sums lie behind the scores of the first query, in bytes; 64 for each. */
    static final long PARTIALS = 4L * MAX_KEYS;

    @Override
    public void step(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            MemorySegment values,
            boolean bf16,
            long rowIndex,
            int rowStride,
            int count,
            int headDim,
            MemorySegment state,
            long stateIndex,
            MemorySegment scores) {
        int j = 0;
        for (; j + 4 <= count; j += 4) {
            scoreFour(
                    query,
                    queryIndex,
                    keys,
                    bf16,
                    rowIndex + (long) j * rowStride,
                    rowStride,
                    headDim,
                    scores,
                    j);
        }
        for (; j < count; j++) {
            scoreOne(
                    query,
                    queryIndex,
                    keys,
                    bf16,
                    rowIndex + (long) j * rowStride,
                    headDim,
                    scores,
                    j);
        }
        float decay = softmax(scores, 0, count, state, stateIndex);
        addValues(
                values,
                bf16,
                rowIndex,
                rowStride,
                count,
                headDim,
                scores,
                0,
                decay,
                state,
                stateIndex + STATE_HEADER,
                0);
    }

    @Override
    public void stepPair(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            MemorySegment values,
            boolean bf16,
            long rowIndex,
            int rowStride,
            int count,
            int headDim,
            MemorySegment state,
            long stateIndex,
            int stateStride,
            MemorySegment scores) {
        if (bf16) {
            VectorAttentionPair.step(
                    query,
                    queryIndex,
                    keys,
                    values,
                    rowIndex,
                    rowStride,
                    count,
                    headDim,
                    state,
                    stateIndex,
                    stateStride,
                    scores);
        } else {
            Attention.super.stepPair(
                    query,
                    queryIndex,
                    keys,
                    values,
                    false,
                    rowIndex,
                    rowStride,
                    count,
                    headDim,
                    state,
                    stateIndex,
                    stateStride,
                    scores);
        }
    }

    /** Turns scores into weights, takes them into maximum and sum, and returns the decay. */
    static float softmax(
            MemorySegment scores, int from, int count, MemorySegment state, long stateIndex) {
        float before = state.getAtIndex(JAVA_FLOAT, stateIndex);
        float maximum = before;
        for (int j = 0; j < count; j++) {
            maximum = Math.max(maximum, scores.getAtIndex(JAVA_FLOAT, from + j));
        }
        float decay = Exponential.exp(before - maximum);
        float sum =
                weigh(
                        scores,
                        from,
                        count,
                        maximum,
                        state.getAtIndex(JAVA_FLOAT, stateIndex + 1) * decay);
        state.setAtIndex(JAVA_FLOAT, stateIndex, maximum);
        state.setAtIndex(JAVA_FLOAT, stateIndex + 1, sum);
        return decay;
    }

    private static void scoreFour(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            boolean bf16,
            long row,
            int stride,
            int headDim,
            MemorySegment scores,
            int j) {
        int vectorEnd = headDim - headDim % WIDTH;
        if (bf16) {
            partialsBfloat16(query, queryIndex, keys, row, stride, vectorEnd, scores);
        } else {
            partialsFloat(query, queryIndex, keys, row, stride, vectorEnd, scores);
        }
        for (int i = 0; i < 4; i++) {
            finish(
                    scores,
                    j + i,
                    i,
                    query,
                    queryIndex,
                    keys,
                    bf16,
                    row + (long) i * stride,
                    vectorEnd,
                    headDim);
        }
    }

    static void scoreOne(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            boolean bf16,
            long row,
            int headDim,
            MemorySegment scores,
            int j) {
        int vectorEnd = headDim - headDim % WIDTH;
        // four times the same row: the same sums as in a run of four
        if (bf16) {
            partialsBfloat16(query, queryIndex, keys, row, 0, vectorEnd, scores);
        } else {
            partialsFloat(query, queryIndex, keys, row, 0, vectorEnd, scores);
        }
        finish(scores, j, 0, query, queryIndex, keys, bf16, row, vectorEnd, headDim);
    }

    private static void partialsBfloat16(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            long row,
            int stride,
            int length,
            MemorySegment scratch) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int d = 0; d < length; d += WIDTH) {
            FloatVector q =
                    FloatVector.fromMemorySegment(F, query, 4 * (queryIndex + d), LITTLE_ENDIAN);
            long at = 2 * (row + d);
            IntVector k =
                    (IntVector)
                            ShortVector.fromMemorySegment(S, keys, at, LITTLE_ENDIAN)
                                    .convertShape(WIDEN, I, 0);
            s0 = k.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(q, s0);
            at += 2L * stride;
            k =
                    (IntVector)
                            ShortVector.fromMemorySegment(S, keys, at, LITTLE_ENDIAN)
                                    .convertShape(WIDEN, I, 0);
            s1 = k.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(q, s1);
            at += 2L * stride;
            k =
                    (IntVector)
                            ShortVector.fromMemorySegment(S, keys, at, LITTLE_ENDIAN)
                                    .convertShape(WIDEN, I, 0);
            s2 = k.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(q, s2);
            at += 2L * stride;
            k =
                    (IntVector)
                            ShortVector.fromMemorySegment(S, keys, at, LITTLE_ENDIAN)
                                    .convertShape(WIDEN, I, 0);
            s3 = k.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(q, s3);
        }
        s0.intoMemorySegment(scratch, PARTIALS, LITTLE_ENDIAN);
        s1.intoMemorySegment(scratch, PARTIALS + 64, LITTLE_ENDIAN);
        s2.intoMemorySegment(scratch, PARTIALS + 128, LITTLE_ENDIAN);
        s3.intoMemorySegment(scratch, PARTIALS + 192, LITTLE_ENDIAN);
    }

    private static void partialsFloat(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            long row,
            int stride,
            int length,
            MemorySegment scratch) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int d = 0; d < length; d += WIDTH) {
            FloatVector q =
                    FloatVector.fromMemorySegment(F, query, 4 * (queryIndex + d), LITTLE_ENDIAN);
            long at = 4 * (row + d);
            s0 = FloatVector.fromMemorySegment(F, keys, at, LITTLE_ENDIAN).fma(q, s0);
            at += 4L * stride;
            s1 = FloatVector.fromMemorySegment(F, keys, at, LITTLE_ENDIAN).fma(q, s1);
            at += 4L * stride;
            s2 = FloatVector.fromMemorySegment(F, keys, at, LITTLE_ENDIAN).fma(q, s2);
            at += 4L * stride;
            s3 = FloatVector.fromMemorySegment(F, keys, at, LITTLE_ENDIAN).fma(q, s3);
        }
        s0.intoMemorySegment(scratch, PARTIALS, LITTLE_ENDIAN);
        s1.intoMemorySegment(scratch, PARTIALS + 64, LITTLE_ENDIAN);
        s2.intoMemorySegment(scratch, PARTIALS + 128, LITTLE_ENDIAN);
        s3.intoMemorySegment(scratch, PARTIALS + 192, LITTLE_ENDIAN);
    }

    /** Sums a key's partial products, lane by lane, and what does not fill a vector. */
    static void finish(
            MemorySegment scores,
            int j,
            int partial,
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            boolean bf16,
            long row,
            int from,
            int headDim) {
        float score = 0;
        for (int i = 0; i < WIDTH; i++) {
            score += scores.get(JAVA_FLOAT, PARTIALS + 64L * partial + 4L * i);
        }
        for (int d = from; d < headDim; d++) {
            score =
                    Math.fma(
                            query.getAtIndex(JAVA_FLOAT, queryIndex + d),
                            element(keys, bf16, row + d),
                            score);
        }
        scores.setAtIndex(JAVA_FLOAT, j, score);
    }

    private static float weigh(
            MemorySegment scores, int from, int count, float maximum, float sum) {
        int j = 0;
        for (; j + WIDTH <= count; j += WIDTH) {
            FloatVector score =
                    FloatVector.fromMemorySegment(
                            Lanes.FLOATS, scores, 4L * (from + j), LITTLE_ENDIAN);
            Lanes.exp(score.sub(maximum)).intoMemorySegment(scores, 4L * (from + j), LITTLE_ENDIAN);
        }
        for (; j < count; j++) {
            scores.setAtIndex(
                    JAVA_FLOAT,
                    from + j,
                    Exponential.exp(scores.getAtIndex(JAVA_FLOAT, from + j) - maximum));
        }
        float total = sum;
        for (j = 0; j < count; j++) {
            total += scores.getAtIndex(JAVA_FLOAT, from + j);
        }
        return total;
    }

    /**
     * Adds the values, weighed, in the columns from {@code firstColumn} on; of a second query only
     * what four vectors do not fill.
     */
    static void addValues(
            MemorySegment values,
            boolean bf16,
            long row,
            int stride,
            int count,
            int headDim,
            MemorySegment weights,
            int from,
            float decay,
            MemorySegment state,
            long output,
            int firstColumn) {
        int d = firstColumn;
        for (; d + 4 * WIDTH <= headDim; d += 4 * WIDTH) {
            addFour(values, bf16, row + d, stride, count, weights, decay, state, output + d);
        }
        for (; d + WIDTH <= headDim; d += WIDTH) {
            FloatVector y = Lanes.load(state, output + d).mul(decay);
            for (int j = 0; j < count; j++) {
                FloatVector w =
                        FloatVector.broadcast(
                                Lanes.FLOATS, weights.getAtIndex(JAVA_FLOAT, from + j));
                y = Lanes.load(values, bf16, row + (long) j * stride + d).fma(w, y);
            }
            Lanes.store(y, state, output + d);
        }
        for (; d < headDim; d++) {
            float y = state.getAtIndex(JAVA_FLOAT, output + d) * decay;
            for (int j = 0; j < count; j++) {
                y =
                        Math.fma(
                                element(values, bf16, row + (long) j * stride + d),
                                weights.getAtIndex(JAVA_FLOAT, from + j),
                                y);
            }
            state.setAtIndex(JAVA_FLOAT, output + d, y);
        }
    }

    private static void addFour(
            MemorySegment values,
            boolean bf16,
            long row,
            int stride,
            int count,
            MemorySegment weights,
            float decay,
            MemorySegment state,
            long output) {
        if (bf16) {
            addFourBfloat16(values, row, stride, count, weights, decay, state, output);
        } else {
            addFourFloat(values, row, stride, count, weights, decay, state, output);
        }
    }

    private static void addFourBfloat16(
            MemorySegment values,
            long row,
            int stride,
            int count,
            MemorySegment weights,
            float decay,
            MemorySegment state,
            long output) {
        long out = 4 * output;
        FloatVector y0 = FloatVector.fromMemorySegment(F, state, out, LITTLE_ENDIAN).mul(decay);
        FloatVector y1 =
                FloatVector.fromMemorySegment(F, state, out + 4 * WIDTH, LITTLE_ENDIAN).mul(decay);
        FloatVector y2 =
                FloatVector.fromMemorySegment(F, state, out + 8 * WIDTH, LITTLE_ENDIAN).mul(decay);
        FloatVector y3 =
                FloatVector.fromMemorySegment(F, state, out + 12 * WIDTH, LITTLE_ENDIAN).mul(decay);
        for (int j = 0; j < count; j++) {
            FloatVector w = FloatVector.broadcast(F, weights.getAtIndex(JAVA_FLOAT, j));
            long at = 2 * (row + (long) j * stride);
            IntVector v =
                    (IntVector)
                            ShortVector.fromMemorySegment(S, values, at, LITTLE_ENDIAN)
                                    .convertShape(WIDEN, I, 0);
            y0 = v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(w, y0);
            at += 2 * WIDTH;
            v =
                    (IntVector)
                            ShortVector.fromMemorySegment(S, values, at, LITTLE_ENDIAN)
                                    .convertShape(WIDEN, I, 0);
            y1 = v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(w, y1);
            at += 2 * WIDTH;
            v =
                    (IntVector)
                            ShortVector.fromMemorySegment(S, values, at, LITTLE_ENDIAN)
                                    .convertShape(WIDEN, I, 0);
            y2 = v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(w, y2);
            at += 2 * WIDTH;
            v =
                    (IntVector)
                            ShortVector.fromMemorySegment(S, values, at, LITTLE_ENDIAN)
                                    .convertShape(WIDEN, I, 0);
            y3 = v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(w, y3);
        }
        y0.intoMemorySegment(state, out, LITTLE_ENDIAN);
        y1.intoMemorySegment(state, out + 4 * WIDTH, LITTLE_ENDIAN);
        y2.intoMemorySegment(state, out + 8 * WIDTH, LITTLE_ENDIAN);
        y3.intoMemorySegment(state, out + 12 * WIDTH, LITTLE_ENDIAN);
    }

    private static void addFourFloat(
            MemorySegment values,
            long row,
            int stride,
            int count,
            MemorySegment weights,
            float decay,
            MemorySegment state,
            long output) {
        long out = 4 * output;
        FloatVector y0 = FloatVector.fromMemorySegment(F, state, out, LITTLE_ENDIAN).mul(decay);
        FloatVector y1 =
                FloatVector.fromMemorySegment(F, state, out + 4 * WIDTH, LITTLE_ENDIAN).mul(decay);
        FloatVector y2 =
                FloatVector.fromMemorySegment(F, state, out + 8 * WIDTH, LITTLE_ENDIAN).mul(decay);
        FloatVector y3 =
                FloatVector.fromMemorySegment(F, state, out + 12 * WIDTH, LITTLE_ENDIAN).mul(decay);
        for (int j = 0; j < count; j++) {
            FloatVector w = FloatVector.broadcast(F, weights.getAtIndex(JAVA_FLOAT, j));
            long at = 4 * (row + (long) j * stride);
            y0 = FloatVector.fromMemorySegment(F, values, at, LITTLE_ENDIAN).fma(w, y0);
            y1 = FloatVector.fromMemorySegment(F, values, at + 4 * WIDTH, LITTLE_ENDIAN).fma(w, y1);
            y2 = FloatVector.fromMemorySegment(F, values, at + 8 * WIDTH, LITTLE_ENDIAN).fma(w, y2);
            y3 =
                    FloatVector.fromMemorySegment(F, values, at + 12 * WIDTH, LITTLE_ENDIAN)
                            .fma(w, y3);
        }
        y0.intoMemorySegment(state, out, LITTLE_ENDIAN);
        y1.intoMemorySegment(state, out + 4 * WIDTH, LITTLE_ENDIAN);
        y2.intoMemorySegment(state, out + 8 * WIDTH, LITTLE_ENDIAN);
        y3.intoMemorySegment(state, out + 12 * WIDTH, LITTLE_ENDIAN);
    }

    private static float element(MemorySegment segment, boolean bf16, long index) {
        return bf16
                ? Bfloat16.toFloat(segment.get(Bfloat16.LAYOUT, 2 * index))
                : segment.getAtIndex(JAVA_FLOAT, index);
    }
}
