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
public final class LmHead {

    private final FusedDqp product;
    private final GreatestRow greatest;

    /**
     * Binds the kernel.
     *
     * @param context what the session's kernels share
     * @param prepared scratch of {@link MatrixVector#preparedLength} floats, free between runs
     * @param weights the head
     * @param logits receives the result
     * @param vocab rows that stand for tokens; a head may be padded
     */
    public LmHead(
            KernelContext context,
            MemorySegment prepared,
            ProjectionWeights weights,
            MemorySegment logits,
            int vocab) {
        greatest = new GreatestRow(context.simd(), logits, vocab);
        product =
                new FusedDqp(
                        context,
                        prepared,
                        new ProjectionWeights[] {weights},
                        new MemorySegment[] {logits},
                        greatest);
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
     * Returns the product, to be run by itself or together with those of other sequences.
     *
     * @return the product
     */
    public FusedDqp product() {
        return product;
    }

    /**
     * Returns the token of the greatest logit, found while the product's rows were in cache.
     *
     * @return the token; the lowest id among equals
     */
    public int greatest() {
        return greatest.row();
    }
}
