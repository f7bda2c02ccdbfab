package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * FlowQKV: prefill attention. Keys and values stream past in runs; maximum, sum and unnormalised
 * output are carried from run to run, so the score matrix never exists.
 *
 * <p><b>Shape</b>: queries and result {@code [tokens, heads, headDim]}; queries come scaled and
 * rotated. <b>Numerics</b>: {@link io.djlnpu.simd.Attention}; the result is narrowed as the session
 * says. <b>Source</b>: paper, FlowQKV.
 */
public final class FlowQkv implements TileExecutor.Task {

    /** Queries of one unit of work. */
    static final int QUERY_BLOCK = 16;

    private final KernelContext context;
    private final AttentionCore core;
    private final int heads;
    private final int headDim;

    /** Query heads of a unit: neighbours that share keys. */
    private final int together;

    private KeyValues cache;
    private VisibleKeys visible;
    private MemorySegment queries;
    private MemorySegment output;
    private int tokens;

    /**
     * Binds the kernel.
     *
     * @param context what the session's kernels share
     * @param heads query heads
     * @param kvHeads key and value heads
     * @param headDim width of a head
     */
    public FlowQkv(KernelContext context, int heads, int kvHeads, int headDim) {
        this.context = context;
        this.heads = heads;
        this.headDim = headDim;
        together = heads / kvHeads % 2 == 0 ? 2 : 1;
        core = new AttentionCore(context, headDim, heads / kvHeads);
    }

    /**
     * Plans the kernel; a unit is one head's block of queries, whose size the plan chooses.
     *
     * @param device the device
     * @param span which keys the chunk's queries see
     * @param heads query heads
     * @param kvHeads key and value heads
     * @param headDim width of a head
     * @return the plan
     */
    public static DataflowPlan plan(
            NpuDevice device, AttentionSpan span, int heads, int kvHeads, int headDim) {
        return FlowQkvPlan.plan(device, span, heads, kvHeads, headDim);
    }

    /**
     * Attends.
     *
     * @param queryRows {@code [tokenCount, heads, headDim]}
     * @param tokenCount tokens of this chunk
     * @param keyValues the layer's cache, this chunk's keys included
     * @param visibleKeys which keys each query sees
     * @param result receives {@code [tokenCount, heads, headDim]}
     */
    public void run(
            MemorySegment queryRows,
            int tokenCount,
            KeyValues keyValues,
            VisibleKeys visibleKeys,
            MemorySegment result) {
        queries = queryRows;
        tokens = tokenCount;
        cache = keyValues;
        visible = visibleKeys;
        output = result;
        context.executor().run(heads / together * Math.ceilDiv(tokenCount, QUERY_BLOCK), this);
    }

    @Override
    public void run(int unit, int thread) {
        int units = heads / together;
        int head = unit % units * together;
        int first = unit / units * QUERY_BLOCK;
        for (int t = first; t < Math.min(tokens, first + QUERY_BLOCK); t++) {
            long row = ((long) t * heads + head) * headDim;
            core.attend(
                    queries,
                    row,
                    head,
                    together,
                    cache,
                    visible.first(t),
                    visible.end(t),
                    output,
                    row,
                    thread);
        }
    }
}
