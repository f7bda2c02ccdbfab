package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;

/** Plain Java {@link Attention}. */
final class ScalarAttention implements Attention {

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
        float before = state.getAtIndex(JAVA_FLOAT, stateIndex);
        float maximum = before;
        for (int j = 0; j < count; j++) {
            float score = 0;
            for (int d = 0; d < headDim; d++) {
                float key = element(keys, bf16, rowIndex + (long) j * rowStride + d);
                score = Math.fma(query.getAtIndex(JAVA_FLOAT, queryIndex + d), key, score);
            }
            scores.setAtIndex(JAVA_FLOAT, j, score);
            maximum = Math.max(maximum, score);
        }
        float decay = Exponential.exp(before - maximum);
        float sum = state.getAtIndex(JAVA_FLOAT, stateIndex + 1) * decay;
        long output = stateIndex + STATE_HEADER;
        for (int d = 0; d < headDim; d++) {
            state.setAtIndex(
                    JAVA_FLOAT, output + d, state.getAtIndex(JAVA_FLOAT, output + d) * decay);
        }
        for (int j = 0; j < count; j++) {
            float weight = Exponential.exp(scores.getAtIndex(JAVA_FLOAT, j) - maximum);
            sum += weight;
            for (int d = 0; d < headDim; d++) {
                float value = element(values, bf16, rowIndex + (long) j * rowStride + d);
                float old = state.getAtIndex(JAVA_FLOAT, output + d);
                state.setAtIndex(JAVA_FLOAT, output + d, Math.fma(weight, value, old));
            }
        }
        state.setAtIndex(JAVA_FLOAT, stateIndex, maximum);
        state.setAtIndex(JAVA_FLOAT, stateIndex + 1, sum);
    }

    private static float element(MemorySegment segment, boolean bf16, long index) {
        return bf16
                ? Bfloat16.toFloat(segment.get(Bfloat16.LAYOUT, 2 * index))
                : segment.getAtIndex(JAVA_FLOAT, index);
    }
}
