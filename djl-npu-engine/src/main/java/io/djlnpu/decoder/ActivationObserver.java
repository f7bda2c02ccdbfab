package io.djlnpu.decoder;

import io.djlnpu.kernel.ProjectionWeights;
import java.lang.foreign.MemorySegment;

/** Sees what the projections multiply, on the thread that feeds the prompt. */
@FunctionalInterface
public interface ActivationObserver {

    /**
     * Called before a chunk of tokens is multiplied.
     *
     * @param matrices the matrices that share the activations, not to be changed
     * @param activations {@code [tokens, columns]}, float32, of the columns that every one of the
     *     matrices has; valid during the call only
     * @param tokens tokens of the chunk
     */
    void observe(ProjectionWeights[] matrices, MemorySegment activations, int tokens);
}
