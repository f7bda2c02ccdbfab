package io.djlnpu.machine;

import io.djlnpu.aie2p.BlockFloat;
import io.djlnpu.aie2p.ScoreRound;
import io.djlnpu.aie2p.ValueRound;
import io.djlnpu.tile.ComputeTile;
import io.djlnpu.tile.NpuDevice;
import java.util.Arrays;
import java.util.List;

/**
 * FlowKv, decode attention: pairs of a score tile and a value tile, one pair a column, each with
 * whole key/value heads. Keys and values pass in rounds of 16, from the oldest visible one; weights
 * go from the score tile into its neighbour's memory.
 *
 * @param query bf16 {@code [heads, headDim]}, scaled and rotated
 * @param keys the cache, bf16 {@code [capacity, kvHeads, headDim]}, a ring
 * @param values like the keys
 * @param result receives bf16 {@code [heads, headDim]}
 * @param kvHeads key/value heads
 * @param headDim width of a head, a multiple of 8
 * @param first oldest visible position
 * @param end one past the newest
 */
public record FlowKvDesign(
        Region query,
        Region keys,
        Region values,
        Region result,
        int kvHeads,
        int headDim,
        int first,
        int end)
        implements KernelDesign {

    private static final int DEPTH = 2;

    /** Rows that a descriptor takes at most: whole rounds below its greatest size. */
    private static final int MOST_ROWS = 1008;

    @Override
    public String name() {
        return "FlowKv";
    }

    @Override
    public String remedy() {
        return "fewer query heads a key/value head, or narrower heads";
    }

    private int group() {
        return query.bytes() / 2 / headDim / kvHeads;
    }

    private int groupBytes() {
        return 2 * group() * headDim;
    }

    private int rounds() {
        return Math.ceilDiv(end - first, ScoreRound.KEYS);
    }

    private int valid(int round) {
        return Math.min(ScoreRound.KEYS, end - first - round * ScoreRound.KEYS);
    }

    @Override
    public void layOut(TileArray array, HostSequence host) {
        int pairs = Math.min(array.device().columns(), kvHeads);
        for (int c = 0; c < pairs; c++) {
            pair(array, host, c, pairs);
        }
    }

    private void pair(TileArray array, HostSequence host, int column, int pairs) {
        ComputeTile score = new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW);
        ComputeTile value = new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW + 1);
        int turns = Math.ceilDiv(kvHeads - column, pairs);
        int roundBytes = 2 * ScoreRound.KEYS * headDim;
        FifoEnd queriesIn = array.end(score, "queries", 1, groupBytes());
        FifoEnd keysIn = array.end(score, "keys", DEPTH, roundBytes);
        FifoEnd valuesIn = array.end(value, "values", DEPTH, roundBytes);
        FifoEnd weights = array.end(value, "weights", DEPTH, group() * (2 * ScoreRound.KEYS + 4));
        FifoEnd out = array.end(value, "result", 1, groupBytes());
        array.local(score, "maxima", 2 * group());
        array.local(value, "running sums", 4 * group() * (headDim + 1));

        DmaChannel keyReader = array.reader(column, "queries and keys");
        DmaChannel keyChannel = array.channel(score, false, "queries and keys");
        array.connect(keyReader, List.of(keyChannel));
        keyChannel.then(
                turns,
                List.of(
                        new DmaChannel.Visit(queriesIn, 1, 1),
                        new DmaChannel.Visit(keysIn, rounds(), 1)));
        DmaChannel valueReader = array.reader(column, "values");
        DmaChannel valueChannel = array.channel(value, false, "values");
        array.connect(valueReader, List.of(valueChannel));
        valueChannel.then(turns, List.of(new DmaChannel.Visit(valuesIn, rounds(), 1)));
        DmaChannel outOf = array.channel(value, true, "result");
        outOf.then(turns, List.of(new DmaChannel.Visit(out, 1, 1)));
        DmaChannel writer = array.writer(column, "result");
        array.connect(outOf, List.of(writer));
        for (int h = column; h < kvHeads; h += pairs) {
            Tap group = Tap.linear(h * groupBytes(), groupBytes());
            host.push(keyReader, query, group);
            stream(host, keyReader, keys, h);
            stream(host, valueReader, values, h);
            host.push(writer, result, group);
        }
        host.await(writer);
        scoreWorker(array, score, turns, queriesIn, keysIn, weights);
        valueWorker(array, value, turns, weights, valuesIn, out);
    }

    /** Pushes a head's visible rows in the order of time, around the ring's end. */
    private void stream(HostSequence host, DmaChannel reader, Region cache, int kvHead) {
        int rowBytes = 2 * kvHeads * headDim;
        int capacity = cache.bytes() / rowBytes;
        for (int p = first; p < end; ) {
            int slot = p % capacity;
            int rows = Math.min(MOST_ROWS, Math.min(end - p, capacity - slot));
            int at = slot * rowBytes + 2 * kvHead * headDim;
            Tap tap = Tap.rows(at, rows, rowBytes, 2 * headDim);
            p += rows;
            if (p == end) {
                host.pushLast(reader, cache, tap);
            } else {
                host.push(reader, cache, tap);
            }
        }
    }

    private void scoreWorker(
            TileArray array, ComputeTile tile, int turns, FifoEnd q, FifoEnd k, FifoEnd weights) {
        ScoreRound[] states = new ScoreRound[group()];
        int[] round = {0};
        double macs = array.device().core().vectorMacsPerCycle().value();
        double softmax = array.device().core().softmaxCyclesPerScore().value();
        double cycles = ScoreRound.KEYS * group() * (headDim / macs + softmax);
        array.worker(
                tile,
                "score",
                List.of(
                        Op.repeat(
                                turns,
                                Op.get(q),
                                Op.call(
                                        () -> {
                                            float[] queries =
                                                    q.slot(false).bf16(0, group() * headDim);
                                            Arrays.setAll(
                                                    states,
                                                    h ->
                                                            new ScoreRound(
                                                                    queries, h * headDim, headDim));
                                            round[0] = 0;
                                            return 0;
                                        }),
                                Op.repeat(
                                        rounds(),
                                        Op.get(k),
                                        Op.room(weights),
                                        Op.call(
                                                () -> {
                                                    weigh(
                                                            states,
                                                            k.slot(false),
                                                            weights.slot(true),
                                                            valid(round[0]++));
                                                    return cycles;
                                                }),
                                        Op.free(k),
                                        Op.put(weights)),
                                Op.free(q))));
    }

    private void weigh(ScoreRound[] states, Region keys, Region weights, int valid) {
        float[] rows = keys.bf16(0, valid * headDim);
        byte[] blocks = BlockFloat.encode(rows, 0, rows.length);
        float[] round = new float[ScoreRound.KEYS];
        int bytes = 2 * ScoreRound.KEYS + 4;
        for (int h = 0; h < states.length; h++) {
            states[h].weigh(blocks, valid, round);
            weights.putBf16(h * bytes, round, round.length);
            weights.putFloat32(
                    h * bytes + 2 * ScoreRound.KEYS, new float[] {states[h].correction()}, 1);
        }
    }

    private void valueWorker(
            TileArray array, ComputeTile tile, int turns, FifoEnd weights, FifoEnd v, FifoEnd out) {
        ValueRound[] states = new ValueRound[group()];
        int[] round = {0};
        double macs = array.device().core().vectorMacsPerCycle().value();
        double cycles = ScoreRound.KEYS * group() * headDim / macs;
        array.worker(
                tile,
                "value",
                List.of(
                        Op.repeat(
                                turns,
                                Op.call(
                                        () -> {
                                            Arrays.setAll(states, h -> new ValueRound(headDim));
                                            round[0] = 0;
                                            return 0;
                                        }),
                                Op.repeat(
                                        rounds(),
                                        Op.get(weights),
                                        Op.get(v),
                                        Op.call(
                                                () -> {
                                                    add(
                                                            states,
                                                            weights.slot(false),
                                                            v.slot(false),
                                                            valid(round[0]++));
                                                    return cycles;
                                                }),
                                        Op.free(v),
                                        Op.free(weights)),
                                Op.room(out),
                                Op.call(() -> finish(states, out.slot(true))),
                                Op.put(out))));
    }

    private void add(ValueRound[] states, Region weights, Region values, int valid) {
        float[] rows = Arrays.copyOf(values.bf16(0, valid * headDim), ScoreRound.KEYS * headDim);
        byte[] blocks = ValueRound.encode(rows, headDim);
        int bytes = 2 * ScoreRound.KEYS + 4;
        for (int h = 0; h < states.length; h++) {
            float[] round = weights.bf16(h * bytes, ScoreRound.KEYS);
            float correction = weights.float32(h * bytes + 2 * ScoreRound.KEYS, 1)[0];
            states[h].add(round, correction, blocks);
        }
    }

    private double finish(ValueRound[] states, Region result) {
        float[] output = new float[states.length * headDim];
        for (int h = 0; h < states.length; h++) {
            states[h].finish(output, h * headDim);
        }
        result.putBf16(0, output, output.length);
        return output.length;
    }
}
