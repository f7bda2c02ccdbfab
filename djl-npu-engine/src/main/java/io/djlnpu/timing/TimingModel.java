package io.djlnpu.timing;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelCost.Bound;

/**
 * The analytic model: a kernel in its steady state takes as long as its slowest resource.
 *
 * <p><b>Units</b>: seconds, bytes. <b>Source</b>: the rates are {@link NpuDevice}'s.
 */
public final class TimingModel {

    private final NpuDevice device;

    /**
     * Constructs a model.
     *
     * @param device the device
     */
    public TimingModel(NpuDevice device) {
        this.device = device;
    }

    /**
     * Prices calls of a plan whose operands stream through {@code units} independent streams.
     *
     * @param plan the plan
     * @param calls how often it runs
     * @param units streams side by side, 0 if the plan's streams never limit it
     * @return the cost
     */
    public KernelCost price(DataflowPlan plan, long calls, int units) {
        long bytes = plan.ddrReadBytes() + plan.ddrWriteBytes();
        double compute = plan.macs() / device.macsPerSecond();
        double ddr = bytes / device.ddr().value();
        double stream = units == 0 ? 0 : plan.ddrReadBytes() / (units * device.stream().value());
        double seconds = Math.max(compute, Math.max(ddr, stream));
        Bound bound =
                seconds == compute ? Bound.COMPUTE : seconds == ddr ? Bound.DDR : Bound.STREAM;
        return new KernelCost(
                plan.kernel(),
                calls,
                calls * seconds,
                calls * bytes,
                calls * 2 * plan.macs(),
                bound);
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
        return new KernelCost(name, calls, calls * secondsEach, 0, 0, Bound.DISPATCH);
    }
}
