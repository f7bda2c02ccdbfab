package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Attention} on the Vector API: four keys at a time for the scores, four vectors of output
 * for the values.
 */
final class VectorAttention implements Attention {

    private static final int WIDTH = Lanes.COUNT;

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
        float before = state.getAtIndex(JAVA_FLOAT, stateIndex);
        float maximum = before;
        for (j = 0; j < count; j++) {
            maximum = Math.max(maximum, scores.getAtIndex(JAVA_FLOAT, j));
        }
        float decay = Exponential.exp(before - maximum);
        float sum =
                weigh(scores, count, maximum, state.getAtIndex(JAVA_FLOAT, stateIndex + 1) * decay);
        state.setAtIndex(JAVA_FLOAT, stateIndex, maximum);
        state.setAtIndex(JAVA_FLOAT, stateIndex + 1, sum);
        addValues(
                values,
                bf16,
                rowIndex,
                rowStride,
                count,
                headDim,
                scores,
                decay,
                state,
                stateIndex + STATE_HEADER);
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
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int vectorEnd = headDim - headDim % WIDTH;
        for (int d = 0; d < vectorEnd; d += WIDTH) {
            FloatVector q = Lanes.load(query, queryIndex + d);
            s0 = Lanes.load(keys, bf16, row + d).fma(q, s0);
            s1 = Lanes.load(keys, bf16, row + stride + d).fma(q, s1);
            s2 = Lanes.load(keys, bf16, row + 2L * stride + d).fma(q, s2);
            s3 = Lanes.load(keys, bf16, row + 3L * stride + d).fma(q, s3);
        }
        put(scores, j, s0, query, queryIndex, keys, bf16, row, vectorEnd, headDim);
        put(scores, j + 1, s1, query, queryIndex, keys, bf16, row + stride, vectorEnd, headDim);
        put(
                scores,
                j + 2,
                s2,
                query,
                queryIndex,
                keys,
                bf16,
                row + 2L * stride,
                vectorEnd,
                headDim);
        put(
                scores,
                j + 3,
                s3,
                query,
                queryIndex,
                keys,
                bf16,
                row + 3L * stride,
                vectorEnd,
                headDim);
    }

    private static void scoreOne(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            boolean bf16,
            long row,
            int headDim,
            MemorySegment scores,
            int j) {
        FloatVector s = FloatVector.zero(Lanes.FLOATS);
        int vectorEnd = headDim - headDim % WIDTH;
        for (int d = 0; d < vectorEnd; d += WIDTH) {
            s = Lanes.load(keys, bf16, row + d).fma(Lanes.load(query, queryIndex + d), s);
        }
        put(scores, j, s, query, queryIndex, keys, bf16, row, vectorEnd, headDim);
    }

    private static void put(
            MemorySegment scores,
            int j,
            FloatVector partial,
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            boolean bf16,
            long row,
            int from,
            int headDim) {
        float score = Lanes.sum(partial);
        for (int d = from; d < headDim; d++) {
            score =
                    Math.fma(
                            query.getAtIndex(JAVA_FLOAT, queryIndex + d),
                            element(keys, bf16, row + d),
                            score);
        }
        scores.setAtIndex(JAVA_FLOAT, j, score);
    }

    private static float weigh(MemorySegment scores, int count, float maximum, float sum) {
        int j = 0;
        for (; j + WIDTH <= count; j += WIDTH) {
            FloatVector score =
                    FloatVector.fromMemorySegment(Lanes.FLOATS, scores, 4L * j, LITTLE_ENDIAN);
            Lanes.exp(score.sub(maximum)).intoMemorySegment(scores, 4L * j, LITTLE_ENDIAN);
        }
        for (; j < count; j++) {
            scores.setAtIndex(
                    JAVA_FLOAT, j, Exponential.exp(scores.getAtIndex(JAVA_FLOAT, j) - maximum));
        }
        float total = sum;
        for (j = 0; j < count; j++) {
            total += scores.getAtIndex(JAVA_FLOAT, j);
        }
        return total;
    }

    private static void addValues(
            MemorySegment values,
            boolean bf16,
            long row,
            int stride,
            int count,
            int headDim,
            MemorySegment weights,
            float decay,
            MemorySegment state,
            long output) {
        int d = 0;
        for (; d + 4 * WIDTH <= headDim; d += 4 * WIDTH) {
            addFour(values, bf16, row + d, stride, count, weights, decay, state, output + d);
        }
        for (; d + WIDTH <= headDim; d += WIDTH) {
            FloatVector y = Lanes.load(state, output + d).mul(decay);
            for (int j = 0; j < count; j++) {
                FloatVector w =
                        FloatVector.broadcast(Lanes.FLOATS, weights.getAtIndex(JAVA_FLOAT, j));
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
                                weights.getAtIndex(JAVA_FLOAT, j),
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
        FloatVector y0 = Lanes.load(state, output).mul(decay);
        FloatVector y1 = Lanes.load(state, output + WIDTH).mul(decay);
        FloatVector y2 = Lanes.load(state, output + 2 * WIDTH).mul(decay);
        FloatVector y3 = Lanes.load(state, output + 3 * WIDTH).mul(decay);
        for (int j = 0; j < count; j++) {
            FloatVector w = FloatVector.broadcast(Lanes.FLOATS, weights.getAtIndex(JAVA_FLOAT, j));
            long v = row + (long) j * stride;
            y0 = Lanes.load(values, bf16, v).fma(w, y0);
            y1 = Lanes.load(values, bf16, v + WIDTH).fma(w, y1);
            y2 = Lanes.load(values, bf16, v + 2 * WIDTH).fma(w, y2);
            y3 = Lanes.load(values, bf16, v + 3 * WIDTH).fma(w, y3);
        }
        Lanes.store(y0, state, output);
        Lanes.store(y1, state, output + WIDTH);
        Lanes.store(y2, state, output + 2 * WIDTH);
        Lanes.store(y3, state, output + 3 * WIDTH);
    }

    private static float element(MemorySegment segment, boolean bf16, long index) {
        return bf16
                ? Bfloat16.toFloat(segment.get(Bfloat16.LAYOUT, 2 * index))
                : segment.getAtIndex(JAVA_FLOAT, index);
    }
}
