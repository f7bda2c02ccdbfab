package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Deal;
import io.djlnpu.tile.Flow;
import io.djlnpu.tile.Flow.Sharing;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileDemand;
import io.djlnpu.tile.Work;
import java.util.List;

/**
 * How prefill attention is cut: a pair of tiles holds a block of queries of one head while keys and
 * values stream past in runs. A column works on one key/value head at a time, so that its pairs
 * share the stream. A mem tile may hold several blocks of queries and hand each to its pair in
 * turn, so that keys cross DDR less often.
 *
 * @param rows queries of one head in a pair
 * @param blocks blocks of queries that take turns in a pair
 * @param run keys of one object
 * @param stage keys that a mem tile holds for the blocks to take turns over
 */
record FlowQkvPlan(int rows, int blocks, int run, int stage) {

    private static final int[] ROWS = {16, 32, 64};
    private static final int[] BLOCKS = {2, 4, 8};
    private static final int[] RUNS = {16, 32};
    private static final int[] STAGES = {128, 256, 512};

    /** A chunk's attention on a device. */
    private record Chunk(
            NpuDevice device, AttentionSpan span, int heads, int kvHeads, int headDim) {

        /** Pairs that work on one key/value head at the same time. */
        int pairsPerHead() {
            return device.pairsPerColumn() * Math.max(1, device.columns() / kvHeads);
        }

        /** Query heads of a key/value head. */
        int group() {
            return heads / kvHeads;
        }

        long scores() {
            return span.scores() * heads;
        }

        double matrixCycles() {
            return scores() * 2.0 * headDim / device.core().macsPerCycle().value();
        }

        double softmaxCycles() {
            return scores() * device.core().softmaxCyclesPerScore().value();
        }

        long queryBytes() {
            return 2L * span.tokens() * heads * headDim;
        }
    }

    static DataflowPlan plan(
            NpuDevice device, AttentionSpan span, int heads, int kvHeads, int headDim) {
        Chunk chunk = new Chunk(device, span, heads, kvHeads, headDim);
        CutSearch search = new CutSearch(device);
        for (int rows : ROWS) {
            for (int run : RUNS) {
                new FlowQkvPlan(rows, 1, run, 1).offer(chunk, search);
                for (int blocks : BLOCKS) {
                    for (int stage : STAGES) {
                        new FlowQkvPlan(rows, blocks, run, stage).offer(chunk, search);
                    }
                }
            }
        }
        if (!search.foundOneThatFits()) {
            // heads so wide that not even the smallest of these blocks fits
            new FlowQkvPlan(8, 1, 8, 1).offer(chunk, search);
        }
        return search.fastest();
    }

    private void offer(Chunk chunk, CutSearch search) {
        search.offer(plan(chunk), () -> cut(chunk));
    }

    private DataflowPlan plan(Chunk chunk) {
        return DataflowPlan.ofPairs(
                chunk.device(),
                "FlowQkv",
                Deal.pairs(chunk.device(), chunk.kvHeads(), units(chunk)),
                work(chunk),
                demand(chunk));
    }

    /** Blocks of queries of one key/value head. */
    private int units(Chunk chunk) {
        return chunk.group() * Math.ceilDiv(chunk.span().tokens(), rows);
    }

    private String cut(Chunk chunk) {
        return String.format(
                "%d queries a pair in %d turn(s) over runs of %d keys, which"
                        + " cross DDR once every %d tokens",
                rows, blocks, run, tokensTogether(chunk));
    }

    /** Tokens whose queries are on the array together: those of one stream of keys. */
    private int tokensTogether(Chunk chunk) {
        return Math.max(1, rows * blocks * chunk.pairsPerHead() / chunk.group());
    }

    private long readBytes(Chunk chunk) {
        long keyBytes = 2L * 2 * chunk.kvHeads() * chunk.headDim();
        return chunk.queryBytes() + chunk.span().streamedKeys(tokensTogether(chunk)) * keyBytes;
    }

    /**
     * Keys go to score tiles over one stream and values to value tiles over another, which carries
     * the running state as well. A column's pairs share them.
     */
    private long streamBytes(Chunk chunk) {
        int sharing = Math.min(chunk.device().pairsPerColumn(), units(chunk));
        long turns = blocks == 1 ? 0 : chunk.scores() / stage * stateBytes(chunk);
        return keyBytes(chunk) / 2 / sharing + turns;
    }

    /** Keys and values that arrive in all pairs. */
    private long keyBytes(Chunk chunk) {
        return chunk.heads() * chunk.span().streamedKeys(rows) * 2 * 2 * chunk.headDim();
    }

    /** Queries and running state that change places when blocks take turns. */
    private long turnBytes(Chunk chunk) {
        return blocks == 1
                ? 0
                : chunk.scores() / stage * (2L * chunk.headDim() + 2 * stateBytes(chunk));
    }

    /** Running output, maximum and sum of one query, in float32. */
    private static long stateBytes(Chunk chunk) {
        return 4L * (chunk.headDim() + 2);
    }

    private TileDemand demand(Chunk chunk) {
        long queries = 2L * rows * chunk.headDim();
        int pairs = chunk.device().pairsPerColumn();
        long keys = 2L * 2 * stage * chunk.headDim();
        long waiting =
                blocks == 1
                        ? 0
                        : (long) pairs * blocks * (queries + rows * stateBytes(chunk)) + keys;
        return new TileDemand(
                List.of(
                        Flow.in("keysAndValues", Sharing.BY_ROLE, 2L * run * chunk.headDim()),
                        new Flow("queries", Flow.Direction.IN, Sharing.FIRST_OF_PAIR, 1, queries),
                        new Flow("result", Flow.Direction.OUT, Sharing.SECOND_OF_PAIR, 1, queries)),
                2 * pairs,
                0,
                // the result takes the running output's place; two runs of weights come from the
                // score tile
                rows * stateBytes(chunk) - queries + 2L * 2 * rows * run,
                waiting);
    }

    private Work work(Chunk chunk) {
        long macs = 2 * chunk.scores() * chunk.headDim();
        return new Work(
                macs,
                chunk.matrixCycles(),
                chunk.softmaxCycles(),
                readBytes(chunk),
                chunk.queryBytes(),
                streamBytes(chunk),
                chunk.queryBytes() + keyBytes(chunk) + turnBytes(chunk),
                macs / 4 + 2 * 2 * chunk.scores());
    }
}
