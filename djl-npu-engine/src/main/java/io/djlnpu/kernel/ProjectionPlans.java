package io.djlnpu.kernel;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Deal;
import io.djlnpu.tile.Flow;
import io.djlnpu.tile.Flow.Sharing;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileDemand;
import io.djlnpu.tile.Work;

/** Plans of the kernels that read Q4NX blocks; a unit of work is a block of 32 rows. */
final class ProjectionPlans {

    /** Sub-blocks of 16 x 8 weights that a core walks within a block. */
    private static final int SUB_BLOCKS =
            Q4nxFormat.BLOCK_ROWS * Q4nxFormat.BLOCK_COLUMNS / (16 * 8);

    /** Of a sub-block: 8 bf16 inputs, and 16 float32 sums read and written. */
    private static final int SUB_BLOCK_BYTES = 8 * 2 + 2 * 16 * 4;

    private ProjectionPlans() {}

    /** Weights stay Q4NX into L1, each block to one core; the input vector goes to all cores. */
    static DataflowPlan fusedDqp(NpuDevice device, int rows, int columns) {
        int padded = Q4nxFormat.paddedColumns(columns);
        long weightBytes = Q4nxFormat.byteLength(rows, columns);
        long blocks = weightBytes / Q4nxFormat.BLOCK_BYTES;
        long vectorBytes = 2L * padded;
        Work work =
                new Work(
                        (long) rows * padded,
                        0,
                        blocks * device.core().dequantCyclesPerBlock().value(),
                        weightBytes + vectorBytes,
                        2L * rows,
                        weightBytes + vectorBytes * device.columns(),
                        weightBytes + vectorBytes * device.computeTiles(),
                        weightBytes + blocks * SUB_BLOCKS * SUB_BLOCK_BYTES);
        // the whole vector stays in each core; where it is too long, its slices pass one after the
        // other and the sums of all the core's rows stay
        long perCore = Math.ceilDiv(rows / Q4nxFormat.BLOCK_ROWS, device.computeTiles());
        long sums = 4L * Q4nxFormat.BLOCK_ROWS * perCore;
        long streams = 2L * (Q4nxFormat.BLOCK_BYTES + 2L * Q4nxFormat.BLOCK_COLUMNS + 4L * 32);
        boolean sliced = streams + vectorBytes > device.geometry().l1Bytes();
        long local = sliced ? Math.min(sums, vectorBytes) : vectorBytes;
        TileDemand demand =
                TileDemand.streaming(
                        device.computeRows(),
                        local,
                        Flow.in("weights", Sharing.OWN, Q4nxFormat.BLOCK_BYTES),
                        Flow.in("input", Sharing.COLUMN, 2L * Q4nxFormat.BLOCK_COLUMNS),
                        Flow.out("result", Sharing.OWN, 4L * Q4nxFormat.BLOCK_ROWS));
        return DataflowPlan.of(
                        device,
                        "FusedDqp",
                        Deal.contiguous(device, rows / Q4nxFormat.BLOCK_ROWS),
                        work,
                        demand)
                .because(sliced ? "the input in slices: it does not fit a core's L1" : "");
    }

    /** Each block to one core, which sends it back to DDR as bf16. */
    static DataflowPlan dequantEngine(NpuDevice device, int rows, int columns) {
        long weights = (long) rows * Q4nxFormat.paddedColumns(columns);
        long readBytes = Q4nxFormat.byteLength(rows, columns);
        long blocks = readBytes / Q4nxFormat.BLOCK_BYTES;
        long blockWeights = (long) Q4nxFormat.BLOCK_ROWS * Q4nxFormat.BLOCK_COLUMNS;
        return DataflowPlan.of(
                device,
                "DequantEngine",
                Deal.contiguous(device, rows / Q4nxFormat.BLOCK_ROWS),
                Work.streaming(
                        weights,
                        blocks * device.core().dequantCyclesPerBlock().value(),
                        readBytes,
                        2 * weights),
                TileDemand.streaming(
                        device.computeRows(),
                        0,
                        Flow.in("blocks", Sharing.OWN, Q4nxFormat.BLOCK_BYTES),
                        Flow.out("weights", Sharing.OWN, 2 * blockWeights)));
    }
}
