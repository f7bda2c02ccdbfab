package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.ObjectFifo;
import io.djlnpu.tile.Pipeline;
import io.djlnpu.tile.RuntimeSequence;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Keeps the fastest of the cuts that a kernel may take, as the analytic pipeline times them; of
 * those as fast, which differ in their fill alone, the one that moves fewer bytes.
 */
final class CutSearch {

    private static final double AS_FAST = 1e-4;

    private final NpuDevice device;
    private DataflowPlan best;
    private Pipeline bestTime;
    private Supplier<String> bestCut;
    private int tried;

    CutSearch(NpuDevice device) {
        this.device = device;
    }

    /** Offers a cut. */
    void offer(DataflowPlan plan, Supplier<String> cut) {
        tried++;
        if (best != null && (!plan.fits() || isTooSlow(plan))) {
            return;
        }
        Pipeline time = Pipeline.of(device, RuntimeSequence.of(device, plan, ObjectFifo.PING_PONG));
        if (best == null || !best.fits() || isBetter(plan, time)) {
            best = plan;
            bestTime = time;
            bestCut = cut;
        }
    }

    /** Tells without laying the plan out. */
    private boolean isTooSlow(DataflowPlan plan) {
        return best.fits() && plan.work().ddrBytes() / device.ddr().value() > bestTime.seconds();
    }

    private boolean isBetter(DataflowPlan plan, Pipeline time) {
        double slower = time.seconds() / bestTime.seconds() - 1;
        if (Math.abs(slower) > AS_FAST) {
            return slower < 0;
        }
        return bytes(plan) < bytes(best);
    }

    private static long bytes(DataflowPlan plan) {
        return plan.work().ddrBytes() + plan.work().nocBytes() + plan.work().l1Bytes();
    }

    boolean foundOneThatFits() {
        return best != null && best.fits();
    }

    /** The fastest that fits, with the reason; if none fits, the first that was offered. */
    DataflowPlan fastest() {
        return best.because(
                bestCut.get()
                        + String.format(
                                Locale.ROOT,
                                ": the fastest of %d cuts; %.3f ms of arithmetic, %.3f ms of DDR,"
                                        + " %.3f ms of streams",
                                tried,
                                1e3 * bestTime.computeSeconds(),
                                1e3 * bestTime.ddrSeconds(),
                                1e3 * bestTime.streamSeconds()));
    }
}
