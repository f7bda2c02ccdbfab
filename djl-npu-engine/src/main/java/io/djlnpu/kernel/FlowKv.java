package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
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

    private final KernelContext context;
    private final AttentionCore core;
    private final int heads;
    private final int headDim;

    /** Query heads of a task: neighbours that share keys, but enough tasks for several threads. */
    private final int together;

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
        together = heads / kvHeads % 2 == 0 && heads > 2 ? 2 : 1;
        core = new AttentionCore(context, headDim, heads / kvHeads);
    }

    /**
     * Plans the kernel; a unit is a key/value head with its query heads.
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
        return FlowKvPlan.plan(device, keys, heads, kvHeads, headDim);
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
        context.executor().run(heads / together, this);
    }

    @Override
    public void run(int share, int thread) {
        int head = share * together;
        long row = (long) head * headDim;
        core.attend(query, row, head, together, cache, firstKey, endKey, output, row, thread);
    }
}
