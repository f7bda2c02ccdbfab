package io.djlnpu.decoder;

/** A program's step, bound to the memory and the kernel of a session. */
@FunctionalInterface
interface KernelStep {

    /** Runs the step for the tokens of a chunk. */
    void run(Chunk chunk);
}
