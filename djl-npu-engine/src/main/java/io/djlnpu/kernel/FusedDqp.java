package io.djlnpu.kernel;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.simd.MatrixVector;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileShare;
import java.lang.foreign.MemorySegment;

/**
 * FusedDQP: the decode projection. Weights stay Q4NX all the way into L1 and are dequantised in
 * registers; the activation vector is broadcast to all tiles, each of which owns whole row blocks.
 *
 * <p><b>Shape</b>: {@code [rows, columns] x [columns] -> [rows]} for one or several matrices over
 * one input. <b>Numerics</b>: {@link MatrixVector}; the result is narrowed as the session says.
 * <b>Source</b>: paper, FusedDQP.
 */
public final class FusedDqp implements TileExecutor.Task {

    private final KernelContext context;
    private final RowBlocks blocks;
    private final DataflowPlan plan;
    private final MemorySegment prepared;

    /**
     * Binds the kernel to its weights and buffers.
     *
     * @param context what the session's kernels share
     * @param prepared scratch of {@link MatrixVector#preparedLength} floats, free between runs
     * @param weights matrices over the same input
     * @param outputs one vector a matrix
     */
    public FusedDqp(
            KernelContext context,
            MemorySegment prepared,
            ProjectionWeights[] weights,
            MemorySegment[] outputs) {
        this.context = context;
        this.prepared = prepared;
        blocks = new RowBlocks(weights, outputs);
        plan = plan(context.device(), blocks.total() * Q4nxFormat.BLOCK_ROWS, blocks.columns());
    }

    /**
     * Plans the kernel; a unit is a block of 32 rows.
     *
     * @param device the device
     * @param rows outputs, a multiple of 32
     * @param columns inputs
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int rows, int columns) {
        return ProjectionPlans.fusedDqp(device, rows, columns);
    }

    /**
     * Returns the plan that {@link #run} executes.
     *
     * @return the plan
     */
    public DataflowPlan plan() {
        return plan;
    }

    /**
     * Multiplies.
     *
     * @param x the input vector
     * @param xIndex its first float
     */
    public void run(MemorySegment x, long xIndex) {
        context.simd()
                .matrixVector()
                .prepare(x, xIndex, blocks.columns(), blocks.paddedColumns(), prepared);
        context.executor().run(plan.shares().size(), this);
    }

    @Override
    public void run(int share, int thread) {
        TileShare owned = plan.shares().get(share);
        int block = owned.first();
        while (block < owned.end()) {
            int matrix = blocks.matrixOf(block);
            int first = blocks.firstOf(matrix);
            ProjectionWeights weights = blocks.weights(matrix);
            int count = Math.min(owned.end(), first + weights.rowBlocks()) - block;
            long row = (long) (block - first) * Q4nxFormat.BLOCK_ROWS;
            MemorySegment y = blocks.output(matrix);
            weights.multiply(
                    context.simd(),
                    block - first,
                    count,
                    prepared,
                    y,
                    row,
                    context.scratch(thread));
            if (context.narrow()) {
                context.simd().elementwise().scale(y, row, 1, count * Q4nxFormat.BLOCK_ROWS, true);
            }
            block += count;
        }
    }
}
