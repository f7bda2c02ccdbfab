package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * The MLP's gate: {@code gelu_tanh(gate) * up}.
 *
 * <p><b>Shape</b>: {@code [tokens, intermediate]}. <b>Numerics</b>: float32, narrowed as the
 * session says.
 */
public final class GegluMul implements TileExecutor.Task {

    private final KernelContext context;
    private final int width;
    private MemorySegment gate;
    private MemorySegment up;

    /**
     * Binds the kernel.
     *
     * @param context what the session's kernels share
     * @param width width of the MLP
     */
    public GegluMul(KernelContext context, int width) {
        this.context = context;
        this.width = width;
    }

    /**
     * Plans the kernel; a unit is a token.
     *
     * @param device the device
     * @param tokens tokens of the chunk
     * @param width width of the MLP
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int tokens, int width) {
        return RowPlans.gate(device, tokens, width);
    }

    /**
     * Plans the activation alone, of an MLP without a gate; a unit is a token.
     *
     * @param device the device
     * @param tokens tokens
     * @param width width of the MLP
     * @return the plan
     */
    public static DataflowPlan activationPlan(NpuDevice device, int tokens, int width) {
        return RowPlans.activation(device, tokens, width);
    }

    /**
     * Computes the gate in place.
     *
     * @param gateRows {@code [tokens, width]}, replaced by the result
     * @param upRows {@code [tokens, width]}
     * @param tokens tokens of the chunk
     */
    public void run(MemorySegment gateRows, MemorySegment upRows, int tokens) {
        gate = gateRows;
        up = upRows;
        if (tokens == 1) {
            run(0, 0);
        } else {
            context.executor().run(tokens, this);
        }
    }

    @Override
    public void run(int token, int thread) {
        long row = (long) token * width;
        context.simd().elementwise().gegluMul(gate, row, up, row, width, context.narrow());
    }
}
