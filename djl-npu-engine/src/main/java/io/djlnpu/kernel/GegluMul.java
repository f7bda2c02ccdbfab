package io.djlnpu.kernel;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * The MLP's gate: {@code gelu_tanh(gate) * up}, or with SiLU in GELU's place.
 *
 * <p><b>Shape</b>: {@code [tokens, intermediate]}. <b>Numerics</b>: float32, narrowed as the
 * session says.
 */
public final class GegluMul implements TileExecutor.Task {

    private final KernelContext context;
    private final int width;
    private final GateActivation activation;
    private MemorySegment gate;
    private MemorySegment up;

    /**
     * Binds the kernel.
     *
     * @param context what the session's kernels share
     * @param width width of the MLP
     * @param activation the gate's activation
     */
    public GegluMul(KernelContext context, int width, GateActivation activation) {
        this.context = context;
        this.width = width;
        this.activation = activation;
    }

    /**
     * Plans the kernel; a unit is a token.
     *
     * @param device the device
     * @param tokens tokens of the chunk
     * @param width width of the MLP
     * @param activation the gate's activation, which the plan is named after
     * @return the plan
     */
    public static DataflowPlan plan(
            NpuDevice device, int tokens, int width, GateActivation activation) {
        DataflowPlan plan = RowPlans.gate(device, tokens, width);
        return switch (activation) {
            case GELU_TANH -> plan;
            case SILU -> plan.named("SwigluMul");
        };
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
        context.simd()
                .elementwise()
                .gateMul(gate, row, up, row, width, activation, context.narrow());
    }
}
