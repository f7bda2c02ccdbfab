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
 * How decode attention is cut: pairs of a score tile and a value tile, each with whole key/value
 * heads and a column's stream of its own. Four heads take eight tiles, two by four.
 *
 * <p>A pair works on four queries at a time, the rows of a bf16 product of 4 x 8 x 8; where more
 * share a key/value head, the mem tile hands each run out again. <b>Source</b>: mlir-air's fused
 * decode, whose units pad two queries to four.
 *
 * @param pairs pairs that take part
 * @param run keys of one object
 */
record FlowKvPlan(int pairs, int run) {

    private static final int[] RUNS = {16, 32, 64};

    private static final int QUERIES_TOGETHER = 4;

    /** A token's attention on a device. */
    private record Token(NpuDevice device, int keys, int heads, int kvHeads, int headDim) {

        long keyBytes() {
            return 2L * 2 * keys * kvHeads * headDim;
        }

        /** What the streams carry: all keys and values once for every four queries of a head. */
        long streamedBytes() {
            return keyBytes() * Math.ceilDiv(heads / kvHeads, QUERIES_TOGETHER);
        }

        long scores() {
            return (long) keys * heads;
        }

        double cycles() {
            return scores()
                    * (2.0 * headDim / device.core().vectorMacsPerCycle().value()
                            + device.core().softmaxCyclesPerScore().value());
        }
    }

    static DataflowPlan plan(NpuDevice device, int keys, int heads, int kvHeads, int headDim) {
        Token token = new Token(device, keys, heads, kvHeads, headDim);
        CutSearch search = new CutSearch(device);
        for (int pairs = 1; pairs <= Math.min(device.columns(), kvHeads); pairs++) {
            for (int run : RUNS) {
                FlowKvPlan next = new FlowKvPlan(pairs, run);
                search.offer(next.plan(token), () -> next.cut(token));
            }
        }
        return search.fastest();
    }

    private DataflowPlan plan(Token token) {
        long vectorBytes = 2L * token.heads() * token.headDim();
        long read = vectorBytes + token.keyBytes();
        Work work =
                new Work(
                        2 * token.scores() * token.headDim(),
                        0,
                        token.cycles(),
                        read,
                        vectorBytes,
                        vectorBytes + token.streamedBytes(),
                        vectorBytes + token.streamedBytes(),
                        token.streamedBytes() + 2 * 2 * token.scores());
        return DataflowPlan.ofPairs(
                token.device(),
                "FlowKv",
                Deal.spread(token.device(), token.kvHeads(), pairs),
                work,
                demand(token));
    }

    private String cut(Token token) {
        return String.format(
                "%d pair(s) for %d key/value heads, runs of %d keys", pairs, token.kvHeads(), run);
    }

    private TileDemand demand(Token token) {
        long group = token.heads() / token.kvHeads();
        long queries = 2L * group * token.headDim();
        return new TileDemand(
                List.of(
                        Flow.in("keysAndValues", Sharing.BY_ROLE, 2L * run * token.headDim()),
                        // one object each a key/value head: a second slot would lie idle
                        new Flow("queries", Flow.Direction.IN, Sharing.FIRST_OF_PAIR, 1, queries),
                        new Flow("result", Flow.Direction.OUT, Sharing.SECOND_OF_PAIR, 1, queries)),
                2,
                0,
                // the result takes the running output's place; two runs of weights of the queries
                // at work come from the score tile
                4L * group * (token.headDim() + 2)
                        - queries
                        + 2L * 2 * Math.min(group, QUERIES_TOGETHER) * run,
                0);
    }
}
