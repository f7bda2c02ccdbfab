package io.djlnpu.kernel;

import io.djlnpu.simd.Attention;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * FlowKV: decode attention, FlowQKV with a single query. Eight tiles take part as two by four:
 * pairs of a score tile and a value tile.
 *
 * <p>On the host threads divide the runs of keys among them for the weights, then the columns of
 * values: all query heads of a group share one reading of each, by one thread.
 *
 * <p><b>Shape</b>: query and result {@code [heads, headDim]}; the query comes scaled and rotated.
 * <b>Numerics</b>: the same bits as {@link FlowQkv} for the same token. <b>Source</b>: paper,
 * FlowKV.
 */
public final class FlowKv {

    private static final int TILE = Attention.TILE;

    private final KernelContext context;
    private final AttentionTiles tiles;
    private final int rowTiles;

    /** Tiles of a value's width that a thread takes. */
    private final int wide;

    private final MemorySegment queries;
    private final MemorySegment[] states;
    private final TileExecutor.Task weigh = this::weigh;
    private final TileExecutor.Task add = this::add;

    /** Runs of the visible keys, {@code [kvHeads][runs][rowTiles]}; grows with the context. */
    private MemorySegment weights;

    private KeyValues cache;
    private int firstKey;
    private int endKey;
    private int runs;
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
        tiles = new AttentionTiles(context, heads, kvHeads, headDim);
        rowTiles = tiles.rowTiles(1);
        int threads = context.executor().threads();
        wide = Math.ceilDiv(tiles.across(), Math.ceilDiv(threads, kvHeads));
        queries = context.floats((long) kvHeads * rowTiles * tiles.queryFloats());
        weights = context.floats((long) kvHeads * rowTiles * Attention.RUN_FLOATS);
        states = new MemorySegment[threads];
        for (int i = 0; i < threads; i++) {
            states[i] = tiles.states(1);
        }
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
        cache = keyValues;
        firstKey = first;
        endKey = end;
        runs = Math.ceilDiv(end, TILE) - first / TILE;
        output = result;
        int kvHeads = tiles.kvHeads();
        for (int h = 0; h < kvHeads; h++) {
            tiles.layOut(queryRow, 0, 1, h, queries, queryIndex(h));
        }
        long floats = (long) kvHeads * runs * rowTiles * Attention.RUN_FLOATS;
        if (weights.byteSize() < 4 * floats) {
            weights = context.floats(2 * floats);
        }
        context.executor().run(kvHeads * runs, weigh);
        context.executor().run(kvHeads * Math.ceilDiv(tiles.across(), wide), add);
    }

    private long queryIndex(int kvHead) {
        return (long) kvHead * rowTiles * tiles.queryFloats();
    }

    private long runIndex(int kvHead, int run) {
        return (long) (kvHead * runs + run) * rowTiles * Attention.RUN_FLOATS;
    }

    private int from(int run) {
        return Math.max(0, firstKey - (firstKey / TILE + run) * TILE);
    }

    private int end(int run) {
        return Math.min(TILE, endKey - (firstKey / TILE + run) * TILE);
    }

    /** Weighs a run of keys. */
    private void weigh(int share, int thread) {
        int kvHead = share / runs;
        int run = share % runs;
        int from = from(run);
        int end = end(run);
        long index = runIndex(kvHead, run);
        tiles.score(
                cache,
                kvHead,
                firstKey / TILE + run,
                from,
                end,
                rowTiles,
                queries,
                queryIndex(kvHead),
                weights,
                index,
                thread);
        for (int row = 0; row < tiles.rows(1); row++) {
            tiles.weigh(weights, index, row, from, end);
        }
    }

    /** Adds up some columns of all runs' values. */
    private void add(int share, int thread) {
        int kvHead = share % tiles.kvHeads();
        int first = share / tiles.kvHeads() * wide;
        int last = Math.min(tiles.across(), first + wide);
        MemorySegment state = states[thread];
        tiles.clear(state, rowTiles);
        for (int run = 0; run < runs; run++) {
            tiles.addValues(
                    cache,
                    kvHead,
                    firstKey / TILE + run,
                    from(run),
                    end(run),
                    rowTiles,
                    first,
                    last,
                    weights,
                    runIndex(kvHead, run),
                    state,
                    thread);
        }
        tiles.finish(state, 0, 1, kvHead, first, last, output);
    }
}
