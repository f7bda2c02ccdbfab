package io.djlnpu.kernel;

import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * The dequantisation engine of prefill: expands Q4NX blocks for the dense matrix product.
 *
 * <p>On the NPU the expanded bf16 weights make a round trip through DDR, amortised over the prompt;
 * the host expands one block at a time into a panel that stays in cache. <b>Numerics</b>: {@code
 * fma(scale, code, min)}, rounded to bf16 when the session narrows. <b>Source</b>: paper,
 * dequantisation engine.
 */
public final class DequantEngine {

    private DequantEngine() {}

    /**
     * Plans the expansion of a matrix; a unit is a block of 32 rows.
     *
     * @param device the device
     * @param rows outputs, a multiple of 32
     * @param columns inputs
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int rows, int columns) {
        return ProjectionPlans.dequantEngine(device, rows, columns);
    }

    /** Expands a block and returns its columns. */
    static int run(
            SimdProvider simd,
            Projection weights,
            int rowBlock,
            int columnBlock,
            boolean narrow,
            MemorySegment panel,
            MemorySegment scratch) {
        return weights.expand(simd, rowBlock, columnBlock, narrow, panel, scratch);
    }
}
