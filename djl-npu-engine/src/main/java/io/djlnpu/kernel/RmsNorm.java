package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * RMSNorm over rows, optionally followed by the residual sum, as the norm tile does both.
 *
 * <p><b>Shape</b>: {@code [rows, width]}. <b>Numerics</b>: float32; norm and sum are each narrowed
 * as the session says.
 */
public final class RmsNorm {

    private final KernelContext context;
    private final float epsilon;
    private final TileExecutor.Task normalize = this::normalize;
    private MemorySegment input;
    private MemorySegment weight;
    private MemorySegment output;
    private MemorySegment residual;
    private int width;

    /**
     * Binds the kernel.
     *
     * @param context what the session's kernels share
     * @param epsilon added to the mean square
     */
    public RmsNorm(KernelContext context, float epsilon) {
        this.context = context;
        this.epsilon = epsilon;
    }

    /**
     * Plans the kernel; a unit is a row.
     *
     * @param device the device
     * @param rows rows
     * @param width floats of a row
     * @param residual whether the rows are added to the residual stream as well
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int rows, int width, boolean residual) {
        return RowPlans.norm(device, rows, width, residual);
    }

    /**
     * Normalises rows.
     *
     * @param x {@code [rows, width]}
     * @param rows rows
     * @param rowWidth floats of a row
     * @param normWeight {@code 1 + w}
     * @param y receives the result, may be the input
     */
    public void run(
            MemorySegment x, int rows, int rowWidth, MemorySegment normWeight, MemorySegment y) {
        runAndAdd(x, rows, rowWidth, normWeight, y, null);
    }

    /**
     * Normalises rows and adds them to the residual stream.
     *
     * @param x {@code [rows, width]}
     * @param rows rows
     * @param rowWidth floats of a row
     * @param normWeight {@code 1 + w}
     * @param y receives the normalised rows, may be the input
     * @param sum the residual stream, added to
     */
    public void runAndAdd(
            MemorySegment x,
            int rows,
            int rowWidth,
            MemorySegment normWeight,
            MemorySegment y,
            MemorySegment sum) {
        input = x;
        weight = normWeight;
        output = y;
        residual = sum;
        width = rowWidth;
        // a few rows are done sooner than threads are woken
        if (rows <= 4) {
            for (int row = 0; row < rows; row++) {
                normalize(row, 0);
            }
        } else {
            context.executor().run(rows, normalize);
        }
    }

    private void normalize(int row, int thread) {
        long index = (long) row * width;
        context.simd()
                .elementwise()
                .rmsNorm(input, index, weight, width, epsilon, context.narrow(), output, index);
        if (residual != null) {
            context.simd()
                    .elementwise()
                    .add(residual, index, output, index, width, context.narrow());
        }
    }
}
