package io.djlnpu.kernel;

import io.djlnpu.simd.Attention;
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

    /** Tokens of one unit of work: a run of keys is in cache for all of them. */
    static final int QUERY_BLOCK = 16;

    private static final int TILE = Attention.TILE;

    private final KernelContext context;
    private final AttentionTiles tiles;
    private final Scratch[] scratch;
    private KeyValues cache;
    private VisibleKeys visible;
    private MemorySegment queries;
    private MemorySegment output;
    private int tokens;

    /** Tokens of a unit: fewer than a block where that gives all threads something to do. */
    private int block;

    /** One thread's: a block's queries, weights of a run and states. */
    private record Scratch(MemorySegment queries, MemorySegment runs, MemorySegment states) {}

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
        tiles = new AttentionTiles(context, heads, kvHeads, headDim);
        int rowTiles = tiles.rowTiles(QUERY_BLOCK);
        scratch = new Scratch[context.executor().threads()];
        for (int i = 0; i < scratch.length; i++) {
            scratch[i] =
                    new Scratch(
                            context.floats((long) rowTiles * tiles.queryFloats()),
                            context.floats((long) rowTiles * Attention.RUN_FLOATS),
                            tiles.states(QUERY_BLOCK));
        }
    }

    /**
     * Plans the kernel; a unit is one head's block of queries, whose size the plan chooses; a
     * key/value head's are numbered block by block, and within a block head by head.
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
        block = Math.clamp(tokenCount / context.executor().threads(), 1, QUERY_BLOCK);
        context.executor().run(tiles.kvHeads() * Math.ceilDiv(tokenCount, block), this);
    }

    @Override
    public void run(int unit, int thread) {
        int kvHead = unit % tiles.kvHeads();
        int first = unit / tiles.kvHeads() * block;
        int count = Math.min(block, tokens - first);
        Scratch own = scratch[thread];
        tiles.layOut(queries, first, count, kvHead, own.queries, 0);
        tiles.clear(own.states, tiles.rowTiles(count));
        int oldest = Integer.MAX_VALUE;
        int end = 0;
        for (int t = first; t < first + count; t++) {
            oldest = Math.min(oldest, visible.first(t));
            end = Math.max(end, visible.end(t));
        }
        for (int run = oldest / TILE; run * TILE < end; run++) {
            int from = Math.max(0, oldest - run * TILE);
            step(own, first, count, kvHead, run, from, Math.min(TILE, end - run * TILE), thread);
        }
        tiles.finish(own.states, first, count, kvHead, 0, tiles.across(), output);
    }

    /** Takes the keys and values {@code [from, end)} of a run into the states of a block. */
    private void step(
            Scratch own,
            int firstToken,
            int count,
            int kvHead,
            int run,
            int from,
            int end,
            int thread) {
        int rowTiles = tiles.rowTiles(count);
        tiles.score(cache, kvHead, run, from, end, rowTiles, own.queries, 0, own.runs, 0, thread);
        for (int row = 0; row < tiles.rows(count); row++) {
            int token = firstToken + row / tiles.rows(1);
            int first = Math.max(0, visible.first(token) - run * TILE);
            int last = Math.min(TILE, visible.end(token) - run * TILE);
            tiles.weigh(own.runs, 0, row, first, last);
        }
        tiles.addValues(
                cache,
                kvHead,
                run,
                from,
                end,
                rowTiles,
                0,
                tiles.across(),
                own.runs,
                0,
                own.states,
                thread);
    }
}
