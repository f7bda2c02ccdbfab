package io.djlnpu.kernel;

import io.djlnpu.simd.MatrixVector;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * The output head: a {@link FusedDqp} over the vocabulary, whose result, the logits, stays float32.
 *
 * <p><b>Shape</b>: {@code [vocab, hidden] x [hidden] -> [vocab]}.
 */
public final class LmHead implements TileExecutor.Task {

    private final KernelContext context;
    private final ProjectionWeights weights;
    private final MemorySegment prepared;
    private final MemorySegment logits;
    private final DataflowPlan plan;

    /**
     * Binds the kernel.
     *
     * @param context what the session's kernels share
     * @param prepared scratch of {@link MatrixVector#preparedLength} floats, free between runs
     * @param weights the head
     * @param logits receives the result
     */
    public LmHead(
            KernelContext context,
            MemorySegment prepared,
            ProjectionWeights weights,
            MemorySegment logits) {
        this.context = context;
        this.weights = weights;
        this.prepared = prepared;
        this.logits = logits;
        plan = plan(context.device(), weights.rows(), weights.columns());
    }

    /**
     * Plans the kernel; a unit is a block of 32 rows.
     *
     * @param device the device
     * @param vocab rows of the head
     * @param hidden width of the residual stream
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int vocab, int hidden) {
        return FusedDqp.plan(device, vocab, hidden).named("LmHead");
    }

    /**
     * Computes the logits.
     *
     * @param hidden normalised hidden state
     * @param index its first float
     */
    public void run(MemorySegment hidden, long index) {
        context.simd()
                .matrixVector()
                .prepare(hidden, index, weights.columns(), weights.paddedColumns(), prepared);
        context.executor().run(plan.shares().size(), this);
    }

    @Override
    public void run(int share, int thread) {
        int first = plan.shares().get(share).first();
        int count = plan.shares().get(share).end() - first;
        weights.multiply(
                context.simd(),
                first,
                count,
                prepared,
                logits,
                32L * first,
                context.scratch(thread));
    }
}
