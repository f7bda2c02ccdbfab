package io.djlnpu.simd;

import java.lang.foreign.MemorySegment;

/**
 * One step of online softmax attention: a query against a run of keys and values.
 *
 * <p><b>Numerics</b>: scores and weights in float32; the state carries the running maximum, the
 * running sum and the unnormalised output from step to step.
 */
public interface Attention {

    /** The most keys of one step. */
    int MAX_KEYS = 64;

    /** Floats of scratch that a step needs: two queries' scores, partial sums of four keys each. */
    int SCRATCH_FLOATS = 2 * (MAX_KEYS + 64);

    /** Floats of a state before its output: maximum, sum, and padding to a cache line. */
    int STATE_HEADER = 16;

    /**
     * Takes a run of keys and values into the state.
     *
     * @param query {@code headDim} floats from {@code queryIndex}, scaled already
     * @param queryIndex index of the first
     * @param keys rows of keys
     * @param values rows of values, at the same offsets as their keys
     * @param bf16 whether keys and values are bf16 or float32
     * @param rowIndex index, in elements, of the first row
     * @param rowStride elements from row to row
     * @param count rows, 1 to {@link #MAX_KEYS}
     * @param headDim elements of a row
     * @param state {@link #STATE_HEADER} floats, then the output, from {@code stateIndex}
     * @param stateIndex index of the state
     * @param scores {@link #SCRATCH_FLOATS} floats of this thread's own
     */
    void step(
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
            MemorySegment scores);

    /**
     * Takes a run of keys and values into the states of two queries, each to the bits of {@link
     * #step}; keys and values are read once.
     *
     * @param query two queries of {@code headDim} floats, one after the other, scaled already
     * @param queryIndex index of the first
     * @param keys as for one
     * @param values as for one
     * @param bf16 as for one
     * @param rowIndex as for one
     * @param rowStride as for one
     * @param count as for one
     * @param headDim as for one
     * @param state two states
     * @param stateIndex index of the first
     * @param stateStride floats from the first state to the second
     * @param scores as for one
     */
    default void stepPair(
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
        for (int i = 0; i < 2; i++) {
            step(
                    query,
                    queryIndex + (long) i * headDim,
                    keys,
                    values,
                    bf16,
                    rowIndex,
                    rowStride,
                    count,
                    headDim,
                    state,
                    stateIndex + (long) i * stateStride,
                    scores);
        }
    }
}
