package io.djlnpu.machine;

import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_BYTES;

import io.djlnpu.aie2p.DequantBlock;
import java.util.List;

/**
 * The dequantisation engine: Q4NX blocks in, the matrix unit's blocks out, in the same order.
 *
 * @param weights Q4NX blocks
 * @param result receives 9216 bytes a block
 */
public record DequantDesign(Region weights, Region result) implements KernelDesign {

    private static final int DEPTH = 2;

    @Override
    public String name() {
        return "DequantEngine";
    }

    @Override
    public String remedy() {
        return "its objects are a block in and a block out, with two slots each";
    }

    @Override
    public void layOut(TileArray array, HostSequence host) {
        int blocks = weights.bytes() / BLOCK_BYTES;
        int columns = Math.min(array.device().columns(), blocks);
        for (int c = 0; c < columns; c++) {
            int first = (int) ((long) blocks * c / columns);
            int end = (int) ((long) blocks * (c + 1) / columns);
            BlockStream stream =
                    new BlockStream(
                            array,
                            host,
                            c,
                            end - first,
                            DEPTH,
                            new BlockStream.Stream(
                                    "blocks", weights, first * BLOCK_BYTES, 1, BLOCK_BYTES),
                            new BlockStream.Stream(
                                    "weights",
                                    result,
                                    first * DequantBlock.BYTES,
                                    1,
                                    DequantBlock.BYTES));
            for (int i = 0; i < stream.cores(); i++) {
                worker(array, stream, i);
            }
        }
    }

    private static void worker(TileArray array, BlockStream stream, int core) {
        FifoEnd in = stream.input(core);
        FifoEnd out = stream.output(core);
        double cycles = array.device().core().dequantCyclesPerBlock().value();
        array.worker(
                stream.tile(core),
                "dequantise",
                List.of(
                        Op.repeat(
                                stream.rowBlocks(core),
                                Op.get(in),
                                Op.room(out),
                                Op.call(
                                        () -> {
                                            byte[] block = in.slot(false).get(0, BLOCK_BYTES);
                                            byte[] weights = new byte[DequantBlock.BYTES];
                                            DequantBlock.blocks(block, 0, weights, 0);
                                            out.slot(true).put(0, weights, 0, weights.length);
                                            return cycles;
                                        }),
                                Op.free(in),
                                Op.put(out))));
    }
}
