package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileDemand;
import java.lang.foreign.MemorySegment;

/**
 * FlowKV: decode attention, FlowQKV with a single query. Eight tiles take part as two by four:
 * pairs of a score tile and a value tile.
 *
 * <p><b>Shape</b>: query and result {@code [heads, headDim]}; the query comes scaled and rotated.
 * <b>Numerics</b>: the same bits as {@link FlowQkv} for the same token. <b>Source</b>: paper,
 * FlowKV.
 */
public final class FlowKv implements TileExecutor.Task {

    private static final int PAIRS = 4;

    private final KernelContext context;
    private final AttentionCore core;
    private final int heads;
    private final int headDim;
    private KeyValues cache;
    private int firstKey;
    private int endKey;
    private MemorySegment query;
    private MemorySegment output;

    /**
     * Binds the kernel.
     *
     * @param context what the session's kernels share
     * @param heads query heads
     * @param kvHeads key and value heads
     * @param headDim width of a head
     */
    public FlowKv(KernelContext context, int heads, int kvHeads, int headDim) {
        this.context = context;
        this.heads = heads;
        this.headDim = headDim;
        core = new AttentionCore(context, headDim, heads / kvHeads);
    }

    /**
     * Plans the kernel; a unit is a query head.
     *
     * @param device the device
     * @param keys visible keys
     * @param heads query heads
     * @param kvHeads key and value heads
     * @param headDim width of a head
     * @return the plan
     */
    public static DataflowPlan plan(
            NpuDevice device, int keys, int heads, int kvHeads, int headDim) {
        long vectorBytes = 2L * heads * headDim;
        int l1 = 2 * heads / kvHeads * headDim * 2 + 2 * 2 * 16 * headDim + 4 * (headDim + 2);
        return DataflowPlan.of(
                device,
                "FlowKv",
                device.spread(heads, Math.min(PAIRS, kvHeads)),
                2L * keys * heads * headDim,
                vectorBytes + 2L * 2 * keys * kvHeads * headDim,
                vectorBytes,
                TileDemand.streaming(2 * 16 * headDim, l1, 2));
    }

    /**
     * Attends.
     *
     * @param queryRow {@code [heads, headDim]}
     * @param keyValues the layer's cache, this token's key included
     * @param first oldest visible position
     * @param end one past the newest
     * @param result receives {@code [heads, headDim]}
     */
    public void run(
            MemorySegment queryRow, KeyValues keyValues, int first, int end, MemorySegment result) {
        query = queryRow;
        cache = keyValues;
        firstKey = first;
        endKey = end;
        output = result;
        context.executor().run(heads, this);
    }

    @Override
    public void run(int head, int thread) {
        long row = (long) head * headDim;
        core.attend(query, row, head, cache, firstKey, endKey, output, row, thread);
    }
}
