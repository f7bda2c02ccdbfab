package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Deal;
import io.djlnpu.tile.Flow;
import io.djlnpu.tile.Flow.Sharing;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.ObjectFifo;
import io.djlnpu.tile.TileDemand;
import io.djlnpu.tile.TileShare;
import io.djlnpu.tile.Work;
import java.util.ArrayList;
import java.util.List;

/**
 * Plans of the element-wise kernels: one tile a column, rows streamed from DDR and back in slices.
 *
 * <p>In decode they run beside the projections on cores of their own, for a row that stays in the
 * mem tiles, and there are cores for both: half the array keeps up with the weights' stream, so
 * that prices are the same with 16 cores in the projections, as mlir-air lays them out, as with 32.
 * <b>Source</b>: the paper, by way of others' summaries (element-wise work on dedicated cores,
 * vectors in L2 between stages); mlir-air's fused decode, which gives one core each to norm and
 * residual, rotation and gate. In prefill they are kernels of their own that run alone.
 */
final class RowPlans {

    private static final int SLICE = 1024;

    private RowPlans() {}

    /**
     * A row is read twice: for its mean square as it arrives, then for the result. It stays in the
     * core meanwhile, beside the weight, which comes once, before the rows and over their stream:
     * rows and residual take both of a core's input channels, result and sum both of its outputs.
     */
    static DataflowPlan norm(NpuDevice device, int rows, int width, boolean residual) {
        long slice = 2L * Math.min(width, SLICE);
        List<Flow> flows = new ArrayList<>();
        flows.add(Flow.in("rows", Sharing.OWN, slice));
        flows.add(Flow.out("result", Sharing.OWN, slice));
        if (residual) {
            flows.add(Flow.in("residual", Sharing.OWN, slice));
            flows.add(Flow.out("sum", Sharing.OWN, slice));
        }
        long slots = flows.size() * ObjectFifo.PING_PONG * slice;
        boolean twice = slots + 2 * 2L * width > device.geometry().l1Bytes();
        long elements = (long) rows * width;
        List<TileShare> shares = Deal.spread(device, rows, device.columns());
        long weights = 2L * width * shares.size();
        long moved = 2 * elements * (residual ? 2 : 1);
        long arriving = weights + (twice ? 2 : 1) * moved;
        double cycles =
                elements
                        * (device.core().normCyclesPerElement().value()
                                + (residual ? device.core().moveCyclesPerElement().value() : 0));
        return DataflowPlan.of(
                        device,
                        "RmsNorm",
                        shares,
                        new Work(
                                2 * elements,
                                0,
                                cycles,
                                weights + moved,
                                moved,
                                arriving,
                                arriving,
                                arriving + moved),
                        new TileDemand(flows, 1, (twice ? 1 : 2) * 2L * width, 0, 0))
                .because(twice ? "rows pass twice: row and weight do not fit a core's L1" : "");
    }

    static DataflowPlan rope(NpuDevice device, int tokens, int heads, int headDim) {
        long elements = (long) tokens * heads * headDim;
        TileDemand demand =
                TileDemand.streaming(
                        1,
                        0,
                        Flow.in("heads", Sharing.OWN, 2L * headDim),
                        Flow.in("angles", Sharing.COLUMN, 2L * headDim),
                        Flow.out("result", Sharing.OWN, 2L * headDim));
        double cycles = elements * device.core().moveCyclesPerElement().value();
        return plan(device, "Rope", tokens, 2 * elements, cycles, 1, elements, demand);
    }

    /** Patches of a soft token are summed as they arrive. */
    static DataflowPlan pool(NpuDevice device, int patches, int tokens, int width) {
        long elements = (long) patches * width;
        long slice = 2L * Math.min(width, SLICE);
        return DataflowPlan.of(
                device,
                "AveragePool",
                Deal.spread(device, tokens, device.columns()),
                Work.streaming(
                        elements,
                        elements * device.core().moveCyclesPerElement().value(),
                        2 * elements,
                        2L * tokens * width),
                TileDemand.streaming(
                        1,
                        4L * width,
                        Flow.in("patches", Sharing.OWN, slice),
                        Flow.out("tokens", Sharing.OWN, slice)));
    }

    static DataflowPlan gate(NpuDevice device, int tokens, int width) {
        long elements = (long) tokens * width;
        long slice = 2L * Math.min(width, SLICE);
        TileDemand demand =
                TileDemand.streaming(
                        1,
                        0,
                        Flow.in("gate", Sharing.OWN, slice),
                        Flow.in("up", Sharing.OWN, slice),
                        Flow.out("result", Sharing.OWN, slice));
        double cycles = elements * device.core().gateCyclesPerElement().value();
        return plan(device, "GegluMul", tokens, 2 * elements, cycles, 2, elements, demand);
    }

    static DataflowPlan activation(NpuDevice device, int tokens, int width) {
        long elements = (long) tokens * width;
        long slice = 2L * Math.min(width, SLICE);
        TileDemand demand =
                TileDemand.streaming(
                        1,
                        0,
                        Flow.in("rows", Sharing.OWN, slice),
                        Flow.out("result", Sharing.OWN, slice));
        double cycles = elements * device.core().gateCyclesPerElement().value();
        return plan(device, "Gelu", tokens, elements, cycles, 1, elements, demand);
    }

    private static DataflowPlan plan(
            NpuDevice device,
            String kernel,
            int rows,
            long macs,
            double cycles,
            int operands,
            long elements,
            TileDemand demand) {
        return DataflowPlan.of(
                device,
                kernel,
                Deal.spread(device, rows, device.columns()),
                Work.streaming(macs, cycles, 2 * operands * elements, 2 * elements),
                demand);
    }
}
