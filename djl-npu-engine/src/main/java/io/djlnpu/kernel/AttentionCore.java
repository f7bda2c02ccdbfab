package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.Attention;
import java.lang.foreign.MemorySegment;

/**
 * What FlowQKV and FlowKV have in common: one query head of one token walks its visible keys in
 * runs that are aligned to absolute positions, with online softmax. So the result does not depend
 * on how the prompt was cut into chunks.
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
            states[i] = context.floats(Attention.STATE_HEADER + headDim);
        }
    }

    void attend(
            MemorySegment query,
            long queryIndex,
            int head,
            KeyValues cache,
            int firstKey,
            int endKey,
            MemorySegment output,
            long outputIndex,
            int thread) {
        MemorySegment state = states[thread];
        state.fill((byte) 0);
        state.setAtIndex(JAVA_FLOAT, 0, Float.NEGATIVE_INFINITY);
        long headStart = (long) (head / groupSize) * cache.capacity();
        int key = firstKey;
        while (key < endKey) {
            int count = Math.min(endKey, (key / Attention.MAX_KEYS + 1) * Attention.MAX_KEYS) - key;
            long row = (headStart + key % cache.capacity()) * headDim;
            context.simd()
                    .attention()
                    .step(
                            query,
                            queryIndex,
                            cache.keys(),
                            cache.values(),
                            cache.bf16(),
                            row,
                            headDim,
                            count,
                            headDim,
                            state,
                            0,
                            context.scores(thread));
            key += count;
        }
        MemorySegment.copy(
                state, 4L * Attention.STATE_HEADER, output, 4 * outputIndex, 4L * headDim);
        float sum = state.getAtIndex(JAVA_FLOAT, 1);
        context.simd().elementwise().scale(output, outputIndex, 1 / sum, headDim, context.narrow());
    }
}
