package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link VectorAttention} for two queries over one run of bf16 keys and values: each is loaded and
 * widened once for both. The sums of either query are those of a step by itself, in the same order.
 */
final class VectorAttentionPair {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> S = Lanes.SHORTS;
    private static final VectorOperators.Conversion<Short, Integer> WIDEN =
            VectorOperators.ZERO_EXTEND_S2I;
    private static final int WIDTH = Lanes.COUNT;
    private static final long PARTIALS = VectorAttention.PARTIALS;

    /** Where the second query's scores lie, in floats: behind eight partial sums. */
    private static final int SECOND = Attention.MAX_KEYS + 128;

    private VectorAttentionPair() {}

    static void step(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            MemorySegment values,
            long row,
            int stride,
            int count,
            int headDim,
            MemorySegment state,
            long stateIndex,
            int stateStride,
            MemorySegment scores) {
        score(query, queryIndex, keys, row, stride, count, headDim, scores);
        float first = VectorAttention.softmax(scores, 0, count, state, stateIndex);
        float second =
                VectorAttention.softmax(scores, SECOND, count, state, stateIndex + stateStride);
        long output = stateIndex + Attention.STATE_HEADER;
        int d = 0;
        for (; d + 4 * WIDTH <= headDim; d += 4 * WIDTH) {
            addFour(
                    values,
                    row + d,
                    stride,
                    count,
                    scores,
                    first,
                    second,
                    state,
                    output + d,
                    stateStride);
        }
        if (d < headDim) {
            VectorAttention.addValues(
                    values, true, row, stride, count, headDim, scores, 0, first, state, output, d);
            VectorAttention.addValues(
                    values,
                    true,
                    row,
                    stride,
                    count,
                    headDim,
                    scores,
                    SECOND,
                    second,
                    state,
                    output + stateStride,
                    d);
        }
    }

    private static void score(
            MemorySegment query,
            long queryIndex,
            MemorySegment keys,
            long row,
            int stride,
            int count,
            int headDim,
            MemorySegment scores) {
        int vectorEnd = headDim - headDim % WIDTH;
        long second = queryIndex + headDim;
        int j = 0;
        for (; j + 4 <= count; j += 4) {
            long key = row + (long) j * stride;
            partials(query, queryIndex, headDim, keys, key, stride, vectorEnd, scores);
            for (int i = 0; i < 4; i++) {
                VectorAttention.finish(
                        scores, j + i, i, query, queryIndex, keys, true, key, vectorEnd, headDim);
                VectorAttention.finish(
                        scores,
                        SECOND + j + i,
                        4 + i,
                        query,
                        second,
                        keys,
                        true,
                        key,
                        vectorEnd,
                        headDim);
                key += stride;
            }
        }
        for (; j < count; j++) {
            long key = row + (long) j * stride;
            VectorAttention.scoreOne(query, queryIndex, keys, true, key, headDim, scores, j);
            VectorAttention.scoreOne(query, second, keys, true, key, headDim, scores, SECOND + j);
        }
    }

    private static void partials(
            MemorySegment query,
            long queryIndex,
            int headDim,
            MemorySegment keys,
            long row,
            int stride,
            int length,
            MemorySegment scratch) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        FloatVector b2 = FloatVector.zero(F);
        FloatVector b3 = FloatVector.zero(F);
        long second = queryIndex + headDim;
        for (int d = 0; d < length; d += WIDTH) {
            FloatVector a =
                    FloatVector.fromMemorySegment(F, query, 4 * (queryIndex + d), LITTLE_ENDIAN);
            FloatVector b =
                    FloatVector.fromMemorySegment(F, query, 4 * (second + d), LITTLE_ENDIAN);
            long at = 2 * (row + d);
            FloatVector k;
            k =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(S, keys, at, LITTLE_ENDIAN)
                                            .convertShape(WIDEN, I, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            a0 = k.fma(a, a0);
            b0 = k.fma(b, b0);
            at += 2L * stride;
            k =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(S, keys, at, LITTLE_ENDIAN)
                                            .convertShape(WIDEN, I, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            a1 = k.fma(a, a1);
            b1 = k.fma(b, b1);
            at += 2L * stride;
            k =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(S, keys, at, LITTLE_ENDIAN)
                                            .convertShape(WIDEN, I, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            a2 = k.fma(a, a2);
            b2 = k.fma(b, b2);
            at += 2L * stride;
            k =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(S, keys, at, LITTLE_ENDIAN)
                                            .convertShape(WIDEN, I, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            a3 = k.fma(a, a3);
            b3 = k.fma(b, b3);
        }
        a0.intoMemorySegment(scratch, PARTIALS + 0, LITTLE_ENDIAN);
        a1.intoMemorySegment(scratch, PARTIALS + 64, LITTLE_ENDIAN);
        a2.intoMemorySegment(scratch, PARTIALS + 128, LITTLE_ENDIAN);
        a3.intoMemorySegment(scratch, PARTIALS + 192, LITTLE_ENDIAN);
        b0.intoMemorySegment(scratch, PARTIALS + 256, LITTLE_ENDIAN);
        b1.intoMemorySegment(scratch, PARTIALS + 320, LITTLE_ENDIAN);
        b2.intoMemorySegment(scratch, PARTIALS + 384, LITTLE_ENDIAN);
        b3.intoMemorySegment(scratch, PARTIALS + 448, LITTLE_ENDIAN);
    }

    private static void addFour(
            MemorySegment values,
            long row,
            int stride,
            int count,
            MemorySegment weights,
            float firstDecay,
            float secondDecay,
            MemorySegment state,
            long output,
            int stateStride) {
        long out = 4 * output;
        long next = out + 4L * stateStride;
        FloatVector a0 =
                FloatVector.fromMemorySegment(F, state, out + 0 * WIDTH, LITTLE_ENDIAN)
                        .mul(firstDecay);
        FloatVector a1 =
                FloatVector.fromMemorySegment(F, state, out + 4 * WIDTH, LITTLE_ENDIAN)
                        .mul(firstDecay);
        FloatVector a2 =
                FloatVector.fromMemorySegment(F, state, out + 8 * WIDTH, LITTLE_ENDIAN)
                        .mul(firstDecay);
        FloatVector a3 =
                FloatVector.fromMemorySegment(F, state, out + 12 * WIDTH, LITTLE_ENDIAN)
                        .mul(firstDecay);
        FloatVector b0 =
                FloatVector.fromMemorySegment(F, state, next + 0 * WIDTH, LITTLE_ENDIAN)
                        .mul(secondDecay);
        FloatVector b1 =
                FloatVector.fromMemorySegment(F, state, next + 4 * WIDTH, LITTLE_ENDIAN)
                        .mul(secondDecay);
        FloatVector b2 =
                FloatVector.fromMemorySegment(F, state, next + 8 * WIDTH, LITTLE_ENDIAN)
                        .mul(secondDecay);
        FloatVector b3 =
                FloatVector.fromMemorySegment(F, state, next + 12 * WIDTH, LITTLE_ENDIAN)
                        .mul(secondDecay);
        for (int j = 0; j < count; j++) {
            FloatVector a = FloatVector.broadcast(F, weights.getAtIndex(JAVA_FLOAT, j));
            FloatVector b = FloatVector.broadcast(F, weights.getAtIndex(JAVA_FLOAT, SECOND + j));
            long at = 2 * (row + (long) j * stride);
            FloatVector v;
            v =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(S, values, at, LITTLE_ENDIAN)
                                            .convertShape(WIDEN, I, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            a0 = v.fma(a, a0);
            b0 = v.fma(b, b0);
            at += 2 * WIDTH;
            v =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(S, values, at, LITTLE_ENDIAN)
                                            .convertShape(WIDEN, I, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            a1 = v.fma(a, a1);
            b1 = v.fma(b, b1);
            at += 2 * WIDTH;
            v =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(S, values, at, LITTLE_ENDIAN)
                                            .convertShape(WIDEN, I, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            a2 = v.fma(a, a2);
            b2 = v.fma(b, b2);
            at += 2 * WIDTH;
            v =
                    ((IntVector)
                                    ShortVector.fromMemorySegment(S, values, at, LITTLE_ENDIAN)
                                            .convertShape(WIDEN, I, 0))
                            .lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats();
            a3 = v.fma(a, a3);
            b3 = v.fma(b, b3);
        }
        a0.intoMemorySegment(state, out + 0 * WIDTH, LITTLE_ENDIAN);
        a1.intoMemorySegment(state, out + 4 * WIDTH, LITTLE_ENDIAN);
        a2.intoMemorySegment(state, out + 8 * WIDTH, LITTLE_ENDIAN);
        a3.intoMemorySegment(state, out + 12 * WIDTH, LITTLE_ENDIAN);
        b0.intoMemorySegment(state, next + 0 * WIDTH, LITTLE_ENDIAN);
        b1.intoMemorySegment(state, next + 4 * WIDTH, LITTLE_ENDIAN);
        b2.intoMemorySegment(state, next + 8 * WIDTH, LITTLE_ENDIAN);
        b3.intoMemorySegment(state, next + 12 * WIDTH, LITTLE_ENDIAN);
    }
}
