package io.djlnpu.timing;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.ObjectFifo;
import io.djlnpu.tile.Pipeline;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.timing.KernelCost.Bound;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernels that follow each other, as a layer repeats them: each fills, flows and drains as its
 * {@link Pipeline} says, and part of that hides behind the kernel before.
 *
 * <p><b>Units</b>: seconds. <b>Source</b>: the rates are {@link NpuDevice}'s.
 */
public final class KernelChain {

    /** When a kernel's first objects may come. */
    public enum Start {
        /** Once the kernel before has drained: it makes what this one streams. */
        AFTER,
        /** While the kernel before drains: weights and caches are known ahead. */
        AHEAD,
        /** Along with the kernel before, slice by slice, on tiles of its own. */
        BESIDE
    }

    /**
     * One kernel of the chain.
     *
     * @param plan its plan
     * @param start when its first objects may come
     * @param time its time alone
     */
    public record Link(DataflowPlan plan, Start start, Pipeline time) {

        /**
         * Times a kernel.
         *
         * @param device the device
         * @param plan its plan
         * @param start when its first objects may come
         * @return the link
         */
        public static Link of(NpuDevice device, DataflowPlan plan, Start start) {
            RuntimeSequence sequence = RuntimeSequence.of(device, plan, ObjectFifo.PING_PONG);
            return new Link(plan, start, Pipeline.of(device, sequence));
        }
    }

    private final EnergyTable energy;
    private final boolean prefill;

    /**
     * Constructs a pricer.
     *
     * @param energy what counts and seconds cost in joules
     * @param prefill whether the chains are part of prefill
     */
    public KernelChain(EnergyTable energy, boolean prefill) {
        this.energy = energy;
        this.prefill = prefill;
    }

    /**
     * Prices a chain that repeats without a pause.
     *
     * @param links its kernels, in order
     * @param repeats how often
     * @return one cost a link, over all repeats
     */
    public List<KernelCost> price(List<Link> links, int repeats) {
        List<KernelCost> costs = new ArrayList<>();
        Link before = links.getLast();
        for (Link link : links) {
            double seconds = exposed(link.start(), link.time(), before.time());
            costs.add(cost(link.plan(), bound(link.time()), seconds, repeats));
            before = link;
        }
        return costs;
    }

    /** What of a kernel does not hide behind the one before. */
    private static double exposed(Start start, Pipeline kernel, Pipeline before) {
        return switch (start) {
            case AFTER -> kernel.seconds();
            // never below what its slowest resource needs: nothing is used beyond its rate
            case AHEAD ->
                    Math.max(
                            kernel.busiestSeconds(),
                            kernel.seconds()
                                    - Math.min(kernel.fillSeconds(), before.drainSeconds()));
            case BESIDE -> Math.max(kernel.drainSeconds(), kernel.seconds() - before.seconds());
        };
    }

    private static Bound bound(Pipeline kernel) {
        if (kernel.computeSeconds() >= Math.max(kernel.streamSeconds(), kernel.ddrSeconds())) {
            return Bound.COMPUTE;
        }
        return kernel.ddrSeconds() >= kernel.streamSeconds() ? Bound.DDR : Bound.STREAM;
    }

    private KernelCost cost(DataflowPlan plan, Bound bound, double seconds, long calls) {
        return new KernelCost(
                        plan.kernel(),
                        1,
                        seconds,
                        plan.work().ddrBytes(),
                        2 * plan.macs(),
                        bound,
                        energy.of(plan.work(), seconds, prefill))
                .times(calls);
    }

    /**
     * Prices what is not a kernel: dispatches, barriers, reconfiguration.
     *
     * @param name what to call it
     * @param calls how often
     * @param secondsEach time of one
     * @return the cost
     */
    public KernelCost overhead(String name, long calls, double secondsEach) {
        double seconds = calls * secondsEach;
        return new KernelCost(
                name, calls, seconds, 0, 0, Bound.DISPATCH, energy.between(seconds, prefill));
    }
}
