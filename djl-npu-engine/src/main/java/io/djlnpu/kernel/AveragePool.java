package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.simd.TokenPanels;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * The mean of each square of patches, which makes one soft token.
 *
 * <p><b>Shape</b>: {@code [panels][width][32]}, a square grid of patches, becomes {@code [tokens,
 * width]}. <b>Numerics</b>: float32 sums from left to right, then downwards; narrowed as the tower
 * says.
 */
public final class AveragePool implements TileExecutor.Task {

    private final KernelContext context;
    private final int gridSide;
    private final int tokenSide;
    private final int width;
    private MemorySegment input;
    private MemorySegment output;

    /**
     * Binds the kernel.
     *
     * @param context what the kernels share
     * @param gridSide patches of the image's side
     * @param tokenSide soft tokens of the image's side, a divisor of {@code gridSide}
     * @param width floats of a token
     */
    public AveragePool(KernelContext context, int gridSide, int tokenSide, int width) {
        this.context = context;
        this.gridSide = gridSide;
        this.tokenSide = tokenSide;
        this.width = width;
    }

    /**
     * Plans the kernel; a unit is a soft token.
     *
     * @param device the device
     * @param patches patches of an image
     * @param tokens soft tokens of an image
     * @param width floats of a token
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int patches, int tokens, int width) {
        return RowPlans.pool(device, patches, tokens, width);
    }

    /**
     * Pools an image.
     *
     * @param x {@code [panels][width][32]}
     * @param y receives {@code [tokenSide * tokenSide, width]}
     */
    public void run(MemorySegment x, MemorySegment y) {
        input = x;
        output = y;
        context.executor().run(tokenSide * tokenSide, this);
    }

    @Override
    public void run(int token, int thread) {
        int square = gridSide / tokenSide;
        int corner = token / tokenSide * square * gridSide + token % tokenSide * square;
        for (int i = 0; i < width; i++) {
            float sum = 0;
            for (int y = 0; y < square; y++) {
                for (int x = 0; x < square; x++) {
                    int patch = corner + y * gridSide + x;
                    long row = (long) (patch / TokenPanels.TOKENS) * width + i;
                    long at = row * TokenPanels.TOKENS + patch % TokenPanels.TOKENS;
                    sum += input.getAtIndex(JAVA_FLOAT, at);
                }
            }
            float mean = sum / (square * square);
            output.setAtIndex(
                    JAVA_FLOAT,
                    (long) token * width + i,
                    context.narrow() ? Bfloat16.round(mean) : mean);
        }
    }
}
