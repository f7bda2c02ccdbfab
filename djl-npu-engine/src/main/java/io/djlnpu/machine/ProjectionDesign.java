package io.djlnpu.machine;

import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_GROUPS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_ROWS;

import io.djlnpu.aie2p.Floor;
import io.djlnpu.aie2p.GroupProduct;
import java.util.ArrayList;
import java.util.List;

/**
 * FusedDqp, the decode projection, and the head: blocks stay Q4NX into the cores, the vector goes
 * to all of them and stays there. A column owns consecutive row blocks, which its cores take in
 * turn.
 *
 * @param weights Q4NX, {@code [rows / 32][across]} blocks
 * @param vector bf16, {@code 256 * across} numbers
 * @param result receives the products: bf16 or, for a head, float32
 * @param depth slots of the weights' fifo
 * @param wide whether the result is float32
 */
public record ProjectionDesign(
        Region weights, Region vector, Region result, int depth, boolean wide)
        implements KernelDesign {

    @Override
    public String name() {
        return "FusedDqp";
    }

    @Override
    public String remedy() {
        return "lower the fifo's depth or the columns of the matrix";
    }

    private int across() {
        return vector.bytes() / 2 / BLOCK_COLUMNS;
    }

    private int rowBlocks() {
        return weights.bytes() / BLOCK_BYTES / across();
    }

    private int resultBytes() {
        return (wide ? 4 : 2) * BLOCK_ROWS;
    }

    @Override
    public void layOut(TileArray array, HostSequence host) {
        int columns = Math.min(array.device().columns(), rowBlocks());
        DmaChannel reader = array.reader(0, "vector");
        List<DmaChannel> into = new ArrayList<>();
        for (int c = 0; c < columns; c++) {
            into.add(column(array, host, c, columns));
        }
        array.connect(reader, into);
        host.push(reader, vector, Tap.linear(0, vector.bytes()));
    }

    /** Lays out a column; returns where its mem tile takes the vector. */
    private DmaChannel column(TileArray array, HostSequence host, int column, int columns) {
        int first = (int) ((long) rowBlocks() * column / columns);
        int end = (int) ((long) rowBlocks() * (column + 1) / columns);
        BlockStream blocks =
                new BlockStream(
                        array,
                        host,
                        column,
                        end - first,
                        depth,
                        new BlockStream.Stream(
                                "weights",
                                weights,
                                first * across() * BLOCK_BYTES,
                                across(),
                                BLOCK_BYTES),
                        new BlockStream.Stream(
                                "result", result, first * resultBytes(), 1, resultBytes()));
        FifoEnd staged = array.end(column, "vector", 1, vector.bytes());
        DmaChannel into = array.channel(column, false, "vector");
        into.then(1, List.of(new DmaChannel.Visit(staged, 1, 1)));
        DmaChannel outOf = array.channel(column, true, "vector");
        outOf.then(1, List.of(new DmaChannel.Visit(staged, 1, 1)));
        List<DmaChannel> cores = new ArrayList<>();
        for (int i = 0; i < blocks.cores(); i++) {
            FifoEnd x = array.end(blocks.tile(i), "vector", 1, vector.bytes());
            DmaChannel to = array.channel(blocks.tile(i), false, "vector");
            to.then(1, List.of(new DmaChannel.Visit(x, 1, 1)));
            cores.add(to);
            worker(array, blocks, i, x);
        }
        array.connect(outOf, cores);
        return into;
    }

    private void worker(TileArray array, BlockStream blocks, int core, FifoEnd x) {
        FifoEnd in = blocks.input(core);
        FifoEnd out = blocks.output(core);
        Region sums = array.local(blocks.tile(core), "input sums", 4 * across() * BLOCK_GROUPS);
        Region rows = array.local(blocks.tile(core), "row sums", 4 * BLOCK_ROWS);
        int[] block = {0};
        double cycles = array.device().core().dequantCyclesPerBlock().value();
        array.worker(
                blocks.tile(core),
                "project",
                List.of(
                        Op.get(x),
                        Op.call(() -> addInputs(array, x.slot(false), sums)),
                        Op.repeat(
                                blocks.rowBlocks(core),
                                Op.call(
                                        () -> {
                                            block[0] = 0;
                                            rows.putFloat32(0, new float[BLOCK_ROWS], BLOCK_ROWS);
                                            return 0;
                                        }),
                                Op.repeat(
                                        across(),
                                        Op.get(in),
                                        Op.call(
                                                () -> {
                                                    multiply(
                                                            in.slot(false),
                                                            x.slot(false),
                                                            sums,
                                                            rows,
                                                            block[0]++);
                                                    return cycles;
                                                }),
                                        Op.free(in)),
                                Op.room(out),
                                Op.call(() -> write(rows, out.slot(true))),
                                Op.put(out)),
                        Op.free(x)));
    }

    /** Adds up the inputs of each group; a vector of 32 a cycle. */
    private double addInputs(TileArray array, Region x, Region sums) {
        float[] result = new float[across() * BLOCK_GROUPS];
        float[] inputs = x.bf16(0, across() * BLOCK_COLUMNS);
        for (int b = 0; b < across(); b++) {
            GroupProduct.inputSums(inputs, b * BLOCK_COLUMNS, result, b * BLOCK_GROUPS);
        }
        sums.putFloat32(0, result, result.length);
        return inputs.length / array.device().core().vectorMacsPerCycle().value();
    }

    private static void multiply(Region block, Region x, Region sums, Region rows, int number) {
        float[] result = rows.float32(0, BLOCK_ROWS);
        GroupProduct.accumulate(
                block.get(0, BLOCK_BYTES),
                0,
                x.bf16(2 * number * BLOCK_COLUMNS, BLOCK_COLUMNS),
                0,
                sums.float32(4 * number * BLOCK_GROUPS, BLOCK_GROUPS),
                0,
                result,
                0);
        rows.putFloat32(0, result, BLOCK_ROWS);
    }

    private double write(Region rows, Region result) {
        float[] values = rows.float32(0, BLOCK_ROWS);
        if (wide) {
            result.putFloat32(0, values, BLOCK_ROWS);
        } else {
            Floor.bf16(values, 0, BLOCK_ROWS);
            result.putBf16(0, values, BLOCK_ROWS);
        }
        return 1;
    }
}
