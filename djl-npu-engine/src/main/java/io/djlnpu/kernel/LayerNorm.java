package io.djlnpu.kernel;

import io.djlnpu.simd.TokenPanels;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * LayerNorm of the vision tower.
 *
 * <p><b>Shape</b>: {@code [panels][width][32]}. <b>Numerics</b>: float32, mean and variance in two
 * passes; narrowed as the tower says.
 */
public final class LayerNorm implements TileExecutor.Task {

    private final KernelContext context;
    private final float[] weight;
    private final float[] bias;
    private final float epsilon;
    private MemorySegment input;
    private MemorySegment output;
    private int inputPanel;
    private int outputPanel;

    /**
     * Binds the kernel.
     *
     * @param context what the kernels share
     * @param weight {@code [width]}
     * @param bias {@code [width]}
     * @param epsilon added to the variance
     */
    public LayerNorm(KernelContext context, float[] weight, float[] bias, float epsilon) {
        this.context = context;
        this.weight = weight;
        this.bias = bias;
        this.epsilon = epsilon;
    }

    /**
     * Plans the kernel; a unit is a token.
     *
     * @param device the device
     * @param tokens tokens
     * @param width floats of a token
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int tokens, int width) {
        return RmsNorm.plan(device, tokens, width, false).named("LayerNorm");
    }

    /**
     * Normalises panels.
     *
     * @param x the input
     * @param firstInput its first panel
     * @param y receives the result, may be the input
     * @param firstOutput its first panel
     * @param panels how many
     */
    public void run(MemorySegment x, int firstInput, MemorySegment y, int firstOutput, int panels) {
        input = x;
        inputPanel = firstInput;
        output = y;
        outputPanel = firstOutput;
        context.executor().run(panels, this);
    }

    @Override
    public void run(int panel, int thread) {
        long floats = (long) weight.length * TokenPanels.TOKENS;
        context.simd()
                .tokenPanels()
                .layerNorm(
                        input,
                        (inputPanel + panel) * floats,
                        weight,
                        bias,
                        epsilon,
                        context.narrow(),
                        output,
                        (outputPanel + panel) * floats);
    }
}
