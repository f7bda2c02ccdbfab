package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Flow;
import io.djlnpu.tile.Flow.Sharing;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileDemand;
import io.djlnpu.tile.Work;
import java.util.List;
import java.util.Locale;

/**
 * How decode attention is cut: pairs of a score tile and a value tile, each with whole key/value
 * heads and a column's stream of its own. Four heads take eight tiles, two by four.
 *
 * @param pairs pairs that take part
 * @param run keys of one object
 */
record FlowKvPlan(int pairs, int run) {

    private static final int[] RUNS = {16, 32, 64};

    /** A token's attention on a device. */
    private record Token(NpuDevice device, int keys, int heads, int kvHeads, int headDim) {

        long keyBytes() {
            return 2L * 2 * keys * kvHeads * headDim;
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
        FlowKvPlan best = search(token);
        long vectorBytes = 2L * heads * headDim;
        long read = vectorBytes + token.keyBytes();
        Work work =
                new Work(
                        2 * token.scores() * headDim,
                        0,
                        token.cycles(),
                        read,
                        vectorBytes,
                        read,
                        read,
                        token.keyBytes() + 2 * 2 * token.scores());
        return DataflowPlan.ofPairs(
                        device,
                        "FlowKv",
                        device.spread(kvHeads, best.pairs),
                        work,
                        best.demand(token))
                .because(best.reason(token));
    }

    /** Finds the fastest cut; among equals the one with fewest pairs and longest runs. */
    private static FlowKvPlan search(Token token) {
        FlowKvPlan best = new FlowKvPlan(1, 16);
        double bestSeconds = Double.POSITIVE_INFINITY;
        int most = Math.min(token.device().columns(), token.kvHeads());
        for (int pairs = 1; pairs <= most; pairs++) {
            for (int run : RUNS) {
                FlowKvPlan next = new FlowKvPlan(pairs, run);
                double seconds = next.seconds(token);
                boolean fits = next.demand(token).l1Bytes() <= token.device().geometry().l1Bytes();
                if (fits && (seconds < bestSeconds || pairs == best.pairs)) {
                    best = next;
                    bestSeconds = seconds;
                }
            }
        }
        return best;
    }

    private double seconds(Token token) {
        return Math.max(ddrSeconds(token), Math.max(streamSeconds(token), computeSeconds(token)));
    }

    private double ddrSeconds(Token token) {
        return token.keyBytes() / token.device().ddr().value();
    }

    /** The busiest pair's part of all heads. */
    private double part(Token token) {
        return Math.ceilDiv(token.kvHeads(), pairs) / (double) token.kvHeads();
    }

    private double streamSeconds(Token token) {
        return part(token) * token.keyBytes() / token.device().stream().value();
    }

    private double computeSeconds(Token token) {
        return part(token) * token.cycles() / 2 / token.device().core().clock().value();
    }

    private TileDemand demand(Token token) {
        long group = token.heads() / token.kvHeads();
        long queries = 2L * group * token.headDim();
        return new TileDemand(
                List.of(
                        Flow.in("keysAndValues", Sharing.BY_ROLE, 2L * run * token.headDim()),
                        Flow.in("queries", Sharing.FIRST_OF_PAIR, queries),
                        Flow.out("result", Sharing.SECOND_OF_PAIR, queries)),
                2,
                0,
                4L * group * (token.headDim() + 2) + 2L * 2 * group * run,
                0);
    }

    private String reason(Token token) {
        return String.format(
                Locale.ROOT,
                "%d pair(s) for %d key/value heads, runs of %d keys: more would not be faster;"
                        + " %.3f ms of DDR, %.3f ms of streams, %.3f ms of arithmetic",
                pairs,
                token.kvHeads(),
                run,
                1e3 * ddrSeconds(token),
                1e3 * streamSeconds(token),
                1e3 * computeSeconds(token));
    }
}
