package io.djlnpu.machine;

import io.djlnpu.aie2p.BlockFloat;
import io.djlnpu.aie2p.DequantBlock;
import io.djlnpu.aie2p.Floor;
import io.djlnpu.tile.ComputeTile;
import io.djlnpu.tile.NpuDevice;
import java.util.ArrayList;
import java.util.List;

/**
 * The tiled product of prefill. Columns divide the tokens and rows of the array the outputs. A
 * column's mem tile holds the activations of {@code m} tokens, whole, and sends them down the
 * column once for every turn of the outputs; weights come along the rows, each row from a mem tile
 * of its own. So activations cross DDR once, and weights once for every {@code columns * m} tokens.
 *
 * @param activations bf16 {@code [tokens, columns]}, tokens padded to a multiple of {@code m}
 * @param weights the matrix unit's blocks as {@link DequantDesign} gives them
 * @param result receives bf16 {@code [tokens, rows]}
 * @param columns inner dimension, padded to a multiple of 256
 * @param m tokens of a core's tile
 * @param n outputs of a core's tile, a multiple of 32
 */
public record TiledMatmulDesign(
        Region activations, Region weights, Region result, int columns, int m, int n)
        implements KernelDesign {

    /** Inner dimension of a core's tile: half a block of weights. */
    private static final int K = 128;

    private static final int BLOCK_ROWS = 32;
    private static final int HALF_BLOCK = DequantBlock.BYTES / 2;

    /** How often a lock lets a buffer be sent again. */
    private static final int MOST_SENDS = Lock.MAX_VALUE;

    /** What the cores of a column share. */
    private record Wires(FifoEnd a, FifoEnd w, FifoEnd out) {}

    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if tiles do not divide it
     */
    public TiledMatmulDesign {
        int blocks = weights.bytes() / DequantBlock.BYTES / (columns / 256);
        if (activations.bytes() % (2 * columns * m) != 0 || blocks * BLOCK_ROWS % n != 0) {
            throw new IllegalArgumentException(
                    "tiles of " + m + " tokens by " + n + " outputs do not divide the product");
        }
    }

    @Override
    public String name() {
        return "TiledMatmul";
    }

    @Override
    public String remedy() {
        return "lower the megatile's m or n";
    }

    private int tokenTiles() {
        return activations.bytes() / 2 / columns / m;
    }

    private int rows() {
        return weights.bytes() / DequantBlock.BYTES / (columns / 256) * BLOCK_ROWS;
    }

    private int rowTiles() {
        return rows() / n;
    }

    private int depth() {
        return columns / K;
    }

    private int aBytes() {
        return 2 * m * K;
    }

    private int wBytes() {
        return n / BLOCK_ROWS * HALF_BLOCK;
    }

    @Override
    public void layOut(TileArray array, HostSequence host) {
        NpuDevice device = array.device();
        int across = Math.min(device.columns(), tokenTiles());
        int down = Math.min(device.computeRows(), rowTiles());
        int turns = Math.ceilDiv(rowTiles(), down);
        if (turns > MOST_SENDS) {
            throw new DesignException(
                    List.of(
                            name()
                                    + " sends activations "
                                    + turns
                                    + " times, "
                                    + (turns - MOST_SENDS)
                                    + " more than a lock counts; raise the megatile's n"));
        }
        List<List<DmaChannel>> weightsTo = new ArrayList<>();
        for (int r = 0; r < down; r++) {
            weightsTo.add(new ArrayList<>());
        }
        for (int c = 0; c < across; c++) {
            column(array, host, c, across, down, weightsTo);
        }
        for (int r = 0; r < down; r++) {
            weights(array, host, r, down, Math.ceilDiv(tokenTiles(), across), weightsTo.get(r));
        }
    }

    /** A row's weights: from DDR to a mem tile, and along the row. */
    private void weights(
            TileArray array,
            HostSequence host,
            int row,
            int down,
            int tokenTurns,
            List<DmaChannel> cores) {
        int column = row % array.device().columns();
        int tiles = Math.ceilDiv(rowTiles() - row, down);
        FifoEnd staged = array.end(column, "weights" + row, 2, wBytes());
        DmaChannel reader = array.reader(column, "weights" + row);
        DmaChannel into = array.channel(column, false, "weights" + row);
        DmaChannel outOf = array.channel(column, true, "weights" + row);
        array.connect(reader, List.of(into));
        array.connect(outOf, cores);
        List<DmaChannel.Visit> visit = List.of(new DmaChannel.Visit(staged, 1, 1));
        into.then(tokenTurns * tiles * depth(), visit);
        outOf.then(tokenTurns * tiles * depth(), visit);
        int blocks = n / BLOCK_ROWS;
        int rowBlock = columns / 256 * DequantBlock.BYTES;
        for (int t = 0; t < tokenTurns; t++) {
            for (int tile = row; tile < rowTiles(); tile += down) {
                Tap halves =
                        new Tap(
                                tile * blocks * rowBlock,
                                new int[] {depth(), blocks},
                                new int[] {HALF_BLOCK, rowBlock},
                                HALF_BLOCK);
                host.push(reader, weights, halves);
            }
        }
    }

    private void column(
            TileArray array,
            HostSequence host,
            int column,
            int across,
            int down,
            List<List<DmaChannel>> weightsTo) {
        int mine = Math.ceilDiv(tokenTiles() - column, across);
        int others = Math.ceilDiv(tokenTiles(), across) - mine;
        FifoEnd panel = array.end(column, "activations", 1, 2 * m * columns);
        DmaChannel reader = array.reader(column, "activations");
        DmaChannel into = array.channel(column, false, "activations");
        DmaChannel outOf = array.channel(column, true, "activations");
        array.connect(reader, List.of(into));
        int turns = Math.ceilDiv(rowTiles(), down);
        into.then(mine, List.of(new DmaChannel.Visit(panel, 1, 1)));
        outOf.then(mine, List.of(new DmaChannel.Visit(panel, 1, turns)));
        List<DmaChannel> cores = new ArrayList<>();
        List<DmaChannel.Visit> gathers = new ArrayList<>();
        for (int r = 0; r < down; r++) {
            ComputeTile tile = new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW + r);
            Wires wires =
                    new Wires(
                            array.end(tile, "activations", 2, aBytes()),
                            array.end(tile, "weights", 2, wBytes()),
                            array.end(tile, "result", 1, 2 * m * n));
            DmaChannel a = array.channel(tile, false, "activations");
            a.then(mine * turns * depth(), List.of(new DmaChannel.Visit(wires.a(), 1, 1)));
            cores.add(a);
            int tiles = Math.ceilDiv(rowTiles() - r, down);
            DmaChannel w = array.channel(tile, false, "weights");
            w.then(
                    (mine + others) * tiles * depth(),
                    List.of(new DmaChannel.Visit(wires.w(), 1, 1)));
            weightsTo.get(r).add(w);
            gathers.add(gather(array, column, r, tile, wires.out(), mine * tiles));
            worker(array, tile, wires, mine, others, tiles, turns);
        }
        array.connect(outOf, cores);
        results(array, host, column, across, reader, gathers);
    }

    private DmaChannel.Visit gather(
            TileArray array, int column, int row, ComputeTile tile, FifoEnd out, int objects) {
        FifoEnd staged = array.end(column, "result" + row, 1, out.bytes());
        DmaChannel from = array.channel(tile, true, "result");
        DmaChannel to = array.channel(column, false, "result" + row);
        from.then(objects, List.of(new DmaChannel.Visit(out, 1, 1)));
        to.then(objects, List.of(new DmaChannel.Visit(staged, 1, 1)));
        array.connect(from, List.of(to));
        return new DmaChannel.Visit(staged, 1, 1);
    }

    /** Activations in, results out, a tile of tokens after the other. */
    private void results(
            TileArray array,
            HostSequence host,
            int column,
            int across,
            DmaChannel reader,
            List<DmaChannel.Visit> gathers) {
        int down = gathers.size();
        DmaChannel outOf = array.channel(column, true, "result");
        DmaChannel writer = array.writer(column, "result");
        array.connect(outOf, List.of(writer));
        outOf.then(Math.ceilDiv(tokenTiles() - column, across), turn(gathers));
        for (int t = column; t < tokenTiles(); t += across) {
            int first = 2 * t * m * columns;
            Tap slices =
                    new Tap(first, new int[] {depth(), m}, new int[] {2 * K, 2 * columns}, 2 * K);
            host.push(reader, activations, slices);
            for (int j = 0; j < rowTiles(); j++) {
                int at = 2 * (t * m * rows() + j * n);
                host.push(writer, result, Tap.rows(at, m, 2 * rows(), 2 * n));
            }
        }
        host.await(writer);
    }

    /** A core's results go out in the order of the output tiles. */
    private List<DmaChannel.Visit> turn(List<DmaChannel.Visit> gathers) {
        List<DmaChannel.Visit> turn = new ArrayList<>();
        for (int j = 0; j < rowTiles(); j++) {
            turn.add(gathers.get(j % gathers.size()));
        }
        return turn;
    }

    private void worker(
            TileArray array,
            ComputeTile tile,
            Wires wires,
            int mine,
            int others,
            int tiles,
            int turns) {
        Region sums = array.local(tile, "sums", 4 * m * n);
        double cycles = (double) m * n * K / array.device().core().macsPerCycle().value();
        double writing = m * n * array.device().core().moveCyclesPerElement().value();
        Op multiply =
                Op.repeat(
                        depth(),
                        Op.get(wires.a()),
                        Op.get(wires.w()),
                        Op.call(
                                () -> {
                                    multiply(wires.a().slot(false), wires.w().slot(false), sums);
                                    return cycles;
                                }),
                        Op.free(wires.a()),
                        Op.free(wires.w()));
        Op product =
                Op.repeat(
                        tiles,
                        Op.call(
                                () -> {
                                    sums.putFloat32(0, new float[m * n], m * n);
                                    return 0;
                                }),
                        multiply,
                        Op.room(wires.out()),
                        Op.call(
                                () -> {
                                    float[] values = sums.float32(0, m * n);
                                    Floor.bf16(values, 0, values.length);
                                    wires.out().slot(true).putBf16(0, values, values.length);
                                    return writing;
                                }),
                        Op.put(wires.out()));
        // what the column or the row is sent for the others' sake
        Op passed = Op.repeat((turns - tiles) * depth(), Op.get(wires.a()), Op.free(wires.a()));
        Op unused = Op.repeat(others * tiles * depth(), Op.get(wires.w()), Op.free(wires.w()));
        array.worker(tile, "multiply", List.of(Op.repeat(mine, product, passed), unused));
    }

    private void multiply(Region a, Region w, Region sums) {
        byte[] left = BlockFloat.encode(a.bf16(0, m * K), 0, m * K);
        byte[] right = w.get(0, wBytes());
        float[] values = sums.float32(0, m * n);
        int eights = K / BlockFloat.SIZE;
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                int block = j / BLOCK_ROWS * HALF_BLOCK;
                float sum = values[i * n + j];
                for (int e = 0; e < eights; e++) {
                    int at = block + DequantBlock.offset(j % BLOCK_ROWS, e * BlockFloat.SIZE);
                    int from = (i * eights + e) * BlockFloat.BYTES;
                    sum = BlockFloat.multiplyAdd(sum, left, from, right, at);
                }
                values[i * n + j] = sum;
            }
        }
        sums.putFloat32(0, values, m * n);
    }
}
