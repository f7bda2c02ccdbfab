package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.Attention;
import java.lang.foreign.MemorySegment;

/**
 * What FlowQKV and FlowKV have in common: query heads of one token walk their visible keys in runs
 * that are aligned to absolute positions, with online softmax. So the result does not depend on how
 * the prompt was cut into chunks. Heads that share keys take each run two by two, while it is in
 * cache.
 */
final class AttentionCore {

    private final KernelContext context;
    private final int headDim;
    private final int groupSize;
    private final MemorySegment[] states;

    AttentionCore(KernelContext context, int headDim, int groupSize) {
        this.context = context;
        this.headDim = headDim;
        this.groupSize = groupSize;
        states = new MemorySegment[context.executor().threads()];
        for (int i = 0; i < states.length; i++) {
            states[i] = context.floats((long) groupSize * stateFloats());
        }
    }

    private int stateFloats() {
        return Attention.STATE_HEADER + Math.ceilDiv(headDim, 16) * 16;
    }

    /** Some query heads of one token, all over the same keys; head by head in query and output. */
    void attend(
            MemorySegment query,
            long queryIndex,
            int head,
            int heads,
            KeyValues cache,
            int firstKey,
            int endKey,
            MemorySegment output,
            long outputIndex,
            int thread) {
        Attention attention = context.simd().attention();
        MemorySegment state = states[thread];
        state.fill((byte) 0);
        for (int h = 0; h < heads; h++) {
            state.setAtIndex(JAVA_FLOAT, (long) h * stateFloats(), Float.NEGATIVE_INFINITY);
        }
        long headStart = (long) (head / groupSize) * cache.capacity();
        int key = firstKey;
        while (key < endKey) {
            int count = Math.min(endKey, (key / Attention.MAX_KEYS + 1) * Attention.MAX_KEYS) - key;
            long row = (headStart + key % cache.capacity()) * headDim;
            int h = 0;
            for (; h + 2 <= heads; h += 2) {
                attention.stepPair(
                        query,
                        queryIndex + (long) h * headDim,
                        cache.keys(),
                        cache.values(),
                        cache.bf16(),
                        row,
                        headDim,
                        count,
                        headDim,
                        state,
                        (long) h * stateFloats(),
                        stateFloats(),
                        context.scores(thread));
            }
            if (h < heads) {
                attention.step(
                        query,
                        queryIndex + (long) h * headDim,
                        cache.keys(),
                        cache.values(),
                        cache.bf16(),
                        row,
                        headDim,
                        count,
                        headDim,
                        state,
                        (long) h * stateFloats(),
                        context.scores(thread));
            }
            key += count;
        }
        for (int h = 0; h < heads; h++) {
            finish(state, (long) h * stateFloats(), output, outputIndex + (long) h * headDim);
        }
    }

    private void finish(MemorySegment state, long index, MemorySegment output, long outputIndex) {
        long values = index + Attention.STATE_HEADER;
        MemorySegment.copy(state, 4 * values, output, 4 * outputIndex, 4L * headDim);
        float sum = state.getAtIndex(JAVA_FLOAT, index + 1);
        context.simd().elementwise().scale(output, outputIndex, 1 / sum, headDim, context.narrow());
    }
}
