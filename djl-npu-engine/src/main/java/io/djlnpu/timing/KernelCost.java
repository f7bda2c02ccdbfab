package io.djlnpu.timing;

/**
 * What all calls of one kernel cost in a run.
 *
 * @param name the kernel
 * @param calls how often it runs
 * @param seconds its share of the run's time
 * @param ddrBytes bytes between DDR and the array
 * @param flops floating-point operations, two a multiply-accumulate
 * @param bound what it waits for
 */
public record KernelCost(
        String name, long calls, double seconds, long ddrBytes, long flops, Bound bound) {

    /** What limits a kernel. */
    public enum Bound {
        /** The multipliers. */
        COMPUTE,
        /** The streams between shim and tiles. */
        STREAM,
        /** The memory. */
        DDR,
        /** Dispatches, barriers and reconfiguration. */
        DISPATCH
    }
}
