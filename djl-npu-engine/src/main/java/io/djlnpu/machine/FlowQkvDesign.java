package io.djlnpu.machine;

import io.djlnpu.aie2p.BlockFloat;
import io.djlnpu.aie2p.BlockValues;
import io.djlnpu.aie2p.BlockWeights;
import io.djlnpu.aie2p.ScoreRound;
import io.djlnpu.aie2p.ValueRound;
import io.djlnpu.tile.ComputeTile;
import io.djlnpu.tile.NpuDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * FlowQkv, prefill attention: a pair of tiles a column holds a block of queries of one head while
 * the keys and values that any of them sees stream past, 16 at a time. Sums are corrected every 128
 * keys, at multiples of 128 from the first position.
 *
 * @param queries bf16 {@code [tokens, heads, headDim]}, scaled and rotated
 * @param keys bf16 {@code [positions, kvHeads, headDim]}, those of the queries included
 * @param values like the keys
 * @param result receives bf16 {@code [tokens, heads, headDim]}
 * @param heads query heads
 * @param kvHeads key/value heads
 * @param headDim width of a head, a multiple of 8
 * @param past keys before the queries' own
 * @param window newest keys that a query sees, its own included
 * @param causal whether a query sees only keys up to its own
 * @param rows queries that a pair holds
 */
public record FlowQkvDesign(
        Region queries,
        Region keys,
        Region values,
        Region result,
        int heads,
        int kvHeads,
        int headDim,
        int past,
        int window,
        boolean causal,
        int rows)
        implements KernelDesign {

    private static final int DEPTH = 2;

    /** Rows that a descriptor takes at most: whole rounds below its greatest size. */
    private static final int MOST_ROWS = 1008;

    /** The queries of a pair at a time. */
    private record Unit(int head, int token, int tokens, int firstKey, int endKey) {

        int blocks() {
            return Math.ceilDiv(endKey - firstKey, BlockWeights.KEYS);
        }

        int blockEnd(int block) {
            return Math.min(endKey, firstKey + (block + 1) * BlockWeights.KEYS);
        }

        int rounds(int block) {
            int begin = firstKey + block * BlockWeights.KEYS;
            return Math.ceilDiv(blockEnd(block) - begin, ScoreRound.KEYS);
        }
    }

    @Override
    public String name() {
        return "FlowQkv";
    }

    @Override
    public String remedy() {
        return "lower the queries of a pair";
    }

    private int tokens() {
        return queries.bytes() / 2 / headDim / heads;
    }

    private int firstVisible(int token) {
        return causal ? (int) Math.max(0, past + token + 1L - window) : 0;
    }

    private int endVisible(int token) {
        return causal ? past + token + 1 : past + tokens();
    }

    /** All units; those of a column are every so-many-th. */
    private List<Unit> units(int column, int columns) {
        List<Unit> units = new ArrayList<>();
        int number = 0;
        for (int head = 0; head < heads; head++) {
            for (int t = 0; t < tokens(); t += rows) {
                if (number++ % columns == column) {
                    int count = Math.min(rows, tokens() - t);
                    int first = firstVisible(t) / BlockWeights.KEYS * BlockWeights.KEYS;
                    units.add(new Unit(head, t, count, first, endVisible(t + count - 1)));
                }
            }
        }
        return units;
    }

    @Override
    public void layOut(TileArray array, HostSequence host) {
        int all = heads * Math.ceilDiv(tokens(), rows);
        int columns = Math.min(array.device().columns(), all);
        for (int c = 0; c < columns; c++) {
            pair(array, host, c, units(c, columns));
        }
    }

    private void pair(TileArray array, HostSequence host, int column, List<Unit> units) {
        ComputeTile score = new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW);
        ComputeTile value = new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW + 1);
        int roundBytes = 2 * ScoreRound.KEYS * headDim;
        FifoEnd queriesIn = array.end(score, "queries", 1, 2 * rows * headDim);
        FifoEnd keysIn = array.end(score, "keys", DEPTH, roundBytes);
        FifoEnd valuesIn = array.end(value, "values", DEPTH, roundBytes);
        FifoEnd weights = array.end(value, "weights", 1, rows * weightBytes());
        FifoEnd out = array.end(value, "result", 1, 2 * rows * headDim);
        Region scores = array.local(score, "scores", 2 * rows * BlockWeights.KEYS);
        array.local(score, "maxima", 2 * rows);
        array.local(value, "running sums", 4 * rows * (headDim + 1));
        DmaChannel keyReader = array.reader(column, "queries and keys");
        DmaChannel keyChannel = array.channel(score, false, "queries and keys");
        array.connect(keyReader, List.of(keyChannel));
        DmaChannel valueReader = array.reader(column, "values");
        DmaChannel valueChannel = array.channel(value, false, "values");
        array.connect(valueReader, List.of(valueChannel));
        DmaChannel outOf = array.channel(value, true, "result");
        DmaChannel writer = array.writer(column, "result");
        array.connect(outOf, List.of(writer));
        List<Op> scoring = new ArrayList<>();
        List<Op> adding = new ArrayList<>();
        for (Unit unit : units) {
            int rounds = Math.ceilDiv(unit.endKey() - unit.firstKey(), ScoreRound.KEYS);
            keyChannel.then(1, List.of(new DmaChannel.Visit(queriesIn, 1, 1)));
            keyChannel.then(rounds, List.of(new DmaChannel.Visit(keysIn, 1, 1)));
            valueChannel.then(rounds, List.of(new DmaChannel.Visit(valuesIn, 1, 1)));
            outOf.then(1, List.of(new DmaChannel.Visit(out, 1, 1)));
            Tap block = queryTap(unit);
            host.pushLast(keyReader, queries, block);
            stream(host, keyReader, keys, unit);
            stream(host, valueReader, values, unit);
            host.pushLast(writer, result, block);
            scoring.addAll(scoring(array, unit, queriesIn, keysIn, scores, weights));
            adding.addAll(adding(array, unit, weights, valuesIn, out));
        }
        host.await(writer);
        array.worker(score, "score", scoring);
        array.worker(value, "value", adding);
    }

    private int weightBytes() {
        return 2 * BlockWeights.KEYS + 4;
    }

    private Tap queryTap(Unit unit) {
        int rowBytes = 2 * heads * headDim;
        int at = unit.token() * rowBytes + 2 * unit.head() * headDim;
        return Tap.rows(at, unit.tokens(), rowBytes, 2 * headDim);
    }

    private void stream(HostSequence host, DmaChannel reader, Region cache, Unit unit) {
        int rowBytes = 2 * kvHeads * headDim;
        int kvHead = unit.head() / (heads / kvHeads);
        for (int p = unit.firstKey(); p < unit.endKey(); p += MOST_ROWS) {
            int count = Math.min(MOST_ROWS, unit.endKey() - p);
            int at = p * rowBytes + 2 * kvHead * headDim;
            Tap tap = Tap.rows(at, count, rowBytes, 2 * headDim);
            // MOST_ROWS are whole rounds, so that every descriptor ends with an object
            host.pushLast(reader, cache, tap);
        }
    }

    private List<Op> scoring(
            TileArray array, Unit unit, FifoEnd q, FifoEnd k, Region scores, FifoEnd weights) {
        BlockWeights[] states = new BlockWeights[unit.tokens()];
        int[] position = {unit.firstKey()};
        double macs = array.device().core().macsPerCycle().value();
        double softmax = array.device().core().softmaxCyclesPerScore().value();
        List<Op> ops = new ArrayList<>();
        ops.add(Op.get(q));
        ops.add(
                Op.call(
                        () -> {
                            float[] block = q.slot(false).bf16(0, unit.tokens() * headDim);
                            Arrays.setAll(
                                    states, i -> new BlockWeights(block, i * headDim, headDim));
                            return 0;
                        }));
        for (int b = 0; b < unit.blocks(); b++) {
            int begin = unit.firstKey() + b * BlockWeights.KEYS;
            int end = unit.blockEnd(b);
            ops.add(
                    Op.repeat(
                            unit.rounds(b),
                            Op.get(k),
                            Op.call(
                                    () -> {
                                        int count = Math.min(ScoreRound.KEYS, end - position[0]);
                                        score(
                                                states,
                                                k.slot(false),
                                                scores,
                                                position[0] - begin,
                                                count);
                                        position[0] += count;
                                        return rows * ScoreRound.KEYS * headDim / macs;
                                    }),
                            Op.free(k)));
            ops.add(Op.room(weights));
            ops.add(
                    Op.call(
                            () -> {
                                weigh(states, unit, begin, end, scores, weights.slot(true));
                                return rows * BlockWeights.KEYS * softmax;
                            }));
            ops.add(Op.put(weights));
        }
        ops.add(Op.free(q));
        return ops;
    }

    private void score(BlockWeights[] states, Region keys, Region scores, int first, int count) {
        float[] rowsOfKeys = keys.bf16(0, count * headDim);
        byte[] blocks = BlockFloat.encode(rowsOfKeys, 0, rowsOfKeys.length);
        float[] row = new float[count];
        for (int i = 0; i < states.length; i++) {
            for (int key = 0; key < count; key++) {
                row[key] = states[i].score(blocks, key);
            }
            scores.putBf16(2 * (i * BlockWeights.KEYS + first), row, count);
        }
    }

    private void weigh(
            BlockWeights[] states, Unit unit, int begin, int end, Region scores, Region weights) {
        for (int i = 0; i < states.length; i++) {
            float[] row =
                    Arrays.copyOf(
                            scores.bf16(2 * i * BlockWeights.KEYS, end - begin), BlockWeights.KEYS);
            int token = unit.token() + i;
            int to = Math.clamp((long) endVisible(token) - begin, 0, end - begin);
            int from = Math.clamp((long) firstVisible(token) - begin, 0, to);
            states[i].weigh(row, from, to);
            weights.putBf16(i * weightBytes(), row, BlockWeights.KEYS);
            weights.putFloat32(
                    i * weightBytes() + 2 * BlockWeights.KEYS,
                    new float[] {states[i].correction()},
                    1);
        }
    }

    private List<Op> adding(TileArray array, Unit unit, FifoEnd weights, FifoEnd v, FifoEnd out) {
        BlockValues[] states = new BlockValues[unit.tokens()];
        Arrays.setAll(states, i -> new BlockValues(headDim));
        int[] position = {unit.firstKey()};
        double macs = array.device().core().macsPerCycle().value();
        List<Op> ops = new ArrayList<>();
        for (int b = 0; b < unit.blocks(); b++) {
            int begin = unit.firstKey() + b * BlockWeights.KEYS;
            int end = unit.blockEnd(b);
            ops.add(Op.get(weights));
            ops.add(
                    Op.call(
                            () -> {
                                begin(states, weights.slot(false));
                                return rows
                                        * headDim
                                        * array.device().core().moveCyclesPerElement().value();
                            }));
            ops.add(
                    Op.repeat(
                            unit.rounds(b),
                            Op.get(v),
                            Op.call(
                                    () -> {
                                        int count = Math.min(ScoreRound.KEYS, end - position[0]);
                                        add(states, v.slot(false), position[0] - begin, count);
                                        position[0] += count;
                                        return rows * ScoreRound.KEYS * headDim / macs;
                                    }),
                            Op.free(v)));
            ops.add(Op.free(weights));
        }
        ops.add(Op.room(out));
        ops.add(
                Op.call(
                        () -> {
                            float[] output = new float[unit.tokens() * headDim];
                            for (int i = 0; i < states.length; i++) {
                                states[i].finish(output, i * headDim);
                            }
                            out.slot(true).putBf16(0, output, output.length);
                            return output.length;
                        }));
        ops.add(Op.put(out));
        return ops;
    }

    private void begin(BlockValues[] states, Region weights) {
        for (int i = 0; i < states.length; i++) {
            float[] row = weights.bf16(i * weightBytes(), BlockWeights.KEYS);
            int at = i * weightBytes() + 2 * BlockWeights.KEYS;
            states[i].begin(row, weights.float32(at, 1)[0]);
        }
    }

    private void add(BlockValues[] states, Region values, int first, int count) {
        float[] rowsOfValues =
                Arrays.copyOf(values.bf16(0, count * headDim), ScoreRound.KEYS * headDim);
        byte[] blocks = ValueRound.encode(rowsOfValues, headDim);
        for (BlockValues state : states) {
            state.add(first, blocks);
        }
    }
}
