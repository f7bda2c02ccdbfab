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
 * @param energy its joules
 */
public record KernelCost(
        String name,
        long calls,
        double seconds,
        long ddrBytes,
        long flops,
        Bound bound,
        Energy energy) {

    /** What limits a kernel. */
    public enum Bound {
        /** The cores. */
        COMPUTE,
        /** The streams between mem tiles and cores. */
        STREAM,
        /** The memory. */
        DDR,
        /** Dispatches, barriers and reconfiguration. */
        DISPATCH
    }

    /**
     * Adds the cost of further calls.
     *
     * @param other their cost
     * @return the sum, bound by what the slower of both waits for
     */
    public KernelCost plus(KernelCost other) {
        return new KernelCost(
                name,
                calls + other.calls,
                seconds + other.seconds,
                ddrBytes + other.ddrBytes,
                flops + other.flops,
                seconds >= other.seconds ? bound : other.bound,
                energy.plus(other.energy));
    }

    /**
     * Multiplies the cost.
     *
     * @param factor how often the calls run
     * @return the product; counts are rounded
     */
    public KernelCost times(double factor) {
        return new KernelCost(
                name,
                Math.round(calls * factor),
                seconds * factor,
                Math.round(ddrBytes * factor),
                Math.round(flops * factor),
                bound,
                energy.times(factor));
    }
}
