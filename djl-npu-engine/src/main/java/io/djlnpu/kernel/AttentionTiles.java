package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.Attention;
import java.lang.foreign.MemorySegment;

/**
 * What FlowQKV and FlowKV have in common: the query heads of neighbouring tokens that share one
 * key/value head are rows, four to a tile, token by token. Every row takes its visible keys in runs
 * that are aligned to absolute positions, so its result depends neither on the other rows nor on
 * how a prompt was cut. A tile of keys or values is read once for all rows.
 */
final class AttentionTiles {

    private static final int TILE = Attention.TILE;
    private static final int QUERIES = Attention.QUERIES;

    private final KernelContext context;
    private final Attention attention;
    private final int heads;
    private final int kvHeads;
    private final int headDim;

    /** Query heads that share a key/value head. */
    private final int group;

    /** Each thread's: a tile in float32, and sums of weighted values. */
    private final MemorySegment[] wide;

    private final MemorySegment[] sums;

    AttentionTiles(KernelContext context, int heads, int kvHeads, int headDim) {
        this.context = context;
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.headDim = headDim;
        attention = context.simd().attention();
        group = heads / kvHeads;
        wide = new MemorySegment[context.executor().threads()];
        sums = new MemorySegment[wide.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = context.floats(TILE * TILE);
            sums[i] = context.floats(Attention.ROWS_FLOATS);
        }
    }

    int kvHeads() {
        return kvHeads;
    }

    int rows(int tokens) {
        return tokens * group;
    }

    int rowTiles(int tokens) {
        return Math.ceilDiv(rows(tokens), QUERIES);
    }

    /** Tiles that make the width of a head. */
    int across() {
        return Math.ceilDiv(headDim, TILE);
    }

    /** Floats of a tile of queries. */
    int queryFloats() {
        return across() * Attention.ROWS_FLOATS;
    }

    private int stateFloats() {
        return Attention.STATE_HEADER + queryFloats();
    }

    /** Memory for the states of some tokens' rows. */
    MemorySegment states(int tokens) {
        return context.floats((long) rowTiles(tokens) * stateFloats());
    }

    /** Where a row's query or output lies in {@code [tokens, heads, headDim]}. */
    private long index(int firstToken, int kvHead, int row) {
        long token = firstToken + row / group;
        return (token * heads + (long) kvHead * group + row % group) * headDim;
    }

    /** Lays out the rows' queries; rows that only fill a tile keep what they hold. */
    void layOut(
            MemorySegment queries,
            int firstToken,
            int tokens,
            int kvHead,
            MemorySegment target,
            long targetIndex) {
        for (int row = 0; row < rows(tokens); row++) {
            long from = index(firstToken, kvHead, row);
            long to = targetIndex + (long) row / QUERIES * queryFloats() + row % QUERIES * TILE;
            for (int d = 0; d < headDim; d += TILE) {
                long bytes = 4L * Math.min(TILE, headDim - d);
                MemorySegment.copy(queries, 4 * (from + d), target, 4 * (to + QUERIES * d), bytes);
            }
        }
    }

    /** Multiplies queries with the keys {@code [from, end)} of a run. */
    void score(
            KeyValues cache,
            int kvHead,
            int run,
            int from,
            int end,
            int rowTiles,
            MemorySegment queries,
            long queryIndex,
            MemorySegment runs,
            long runIndex,
            int thread) {
        for (int across = 0; across < across(); across++) {
            int rows = Math.min(TILE, headDim - across * TILE);
            long index = tileIndex(cache, kvHead, run, across);
            MemorySegment keys = wide(cache, cache.keys(), index, rows, thread);
            for (int tile = 0; tile < rowTiles; tile++) {
                attention.multiply(
                        keys,
                        cache.bf16() ? 0 : index,
                        rows,
                        from,
                        end,
                        queries,
                        queryIndex + tile * queryFloats() + across * Attention.ROWS_FLOATS,
                        runs,
                        runIndex + tile * Attention.RUN_FLOATS,
                        across > 0);
            }
        }
    }

    /** Turns a row's scores into weights; it sees the keys {@code [from, end)} of the run. */
    void weigh(MemorySegment runs, long runIndex, int row, int from, int end) {
        long index = runIndex + row / QUERIES * Attention.RUN_FLOATS;
        attention.weigh(runs, index, row % QUERIES, from, end);
    }

    /**
     * Joins a run to the states and adds some columns, in tiles, of its values {@code [from, end)}.
     */
    void addValues(
            KeyValues cache,
            int kvHead,
            int run,
            int from,
            int end,
            int rowTiles,
            int firstAcross,
            int endAcross,
            MemorySegment runs,
            long runIndex,
            MemorySegment states,
            int thread) {
        for (int tile = 0; tile < rowTiles; tile++) {
            Attention.join(
                    runs,
                    runIndex + tile * Attention.RUN_FLOATS,
                    states,
                    (long) tile * stateFloats());
        }
        for (int across = firstAcross; across < endAcross; across++) {
            long index = tileIndex(cache, kvHead, run, across) + (long) from * TILE;
            MemorySegment values = wide(cache, cache.values(), index, end - from, thread);
            for (int tile = 0; tile < rowTiles; tile++) {
                long state = (long) tile * stateFloats();
                attention.multiply(
                        values,
                        cache.bf16() ? 0 : index,
                        end - from,
                        0,
                        Math.min(TILE, headDim - across * TILE),
                        runs,
                        runIndex + tile * Attention.RUN_FLOATS + from,
                        sums[thread],
                        0,
                        false);
                attention.combine(
                        sums[thread],
                        0,
                        states,
                        state,
                        state + Attention.STATE_HEADER + across * Attention.ROWS_FLOATS);
            }
        }
    }

    private long tileIndex(KeyValues cache, int kvHead, int run, int across) {
        long slot = (long) run * TILE % cache.capacity();
        return KeyValues.tileIndex((long) kvHead * cache.capacity() + slot, across, across());
    }

    /** Rows of a tile in float32: widened from index 0 on, or where they lie. */
    private MemorySegment wide(
            KeyValues cache, MemorySegment numbers, long index, int rows, int thread) {
        if (!cache.bf16()) {
            return numbers;
        }
        attention.widen(numbers, index, rows, wide[thread]);
        return wide[thread];
    }

    /** Sets states to having seen nothing. */
    void clear(MemorySegment states, int rowTiles) {
        states.fill((byte) 0);
        for (int tile = 0; tile < rowTiles; tile++) {
            for (int q = 0; q < QUERIES; q++) {
                states.setAtIndex(
                        JAVA_FLOAT, (long) tile * stateFloats() + q, Float.NEGATIVE_INFINITY);
            }
        }
    }

    /** Divides some columns, in tiles, of the rows' outputs by the sums of their weights. */
    void finish(
            MemorySegment states,
            int firstToken,
            int tokens,
            int kvHead,
            int firstAcross,
            int endAcross,
            MemorySegment output) {
        for (int row = 0; row < rows(tokens); row++) {
            long state = (long) row / QUERIES * stateFloats();
            long from = state + Attention.STATE_HEADER + row % QUERIES * TILE;
            long to = index(firstToken, kvHead, row);
            int first = firstAcross * TILE;
            int end = Math.min(headDim, endAcross * TILE);
            for (int d = first; d < end; d += TILE) {
                long bytes = 4L * Math.min(TILE, end - d);
                MemorySegment.copy(states, 4 * (from + QUERIES * d), output, 4 * (to + d), bytes);
            }
            float sum = states.getAtIndex(JAVA_FLOAT, state + QUERIES + row % QUERIES);
            context.simd()
                    .elementwise()
                    .scale(output, to + first, 1 / sum, end - first, context.narrow());
        }
    }
}
