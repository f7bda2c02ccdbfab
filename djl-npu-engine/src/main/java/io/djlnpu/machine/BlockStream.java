package io.djlnpu.machine;

import io.djlnpu.tile.ComputeTile;
import io.djlnpu.tile.NpuDevice;
import java.util.ArrayList;
import java.util.List;

/**
 * The weight feed of a column: Q4NX blocks from DDR over one shim channel to the mem tile, which
 * deals blocks out to its cores in turn, each its own row blocks, and the cores' results back the
 * same way. So a column's weights are one run of DDR, and its results another.
 */
final class BlockStream {

    private final TileArray array;
    private final int column;
    private final int cores;
    private final int rowBlocks;
    private final List<FifoEnd> inputs = new ArrayList<>();
    private final List<FifoEnd> outputs = new ArrayList<>();

    /** Wires a column for some row blocks of {@code across} blocks each. */
    BlockStream(
            TileArray array,
            HostSequence host,
            int column,
            int rowBlocks,
            int depth,
            Stream in,
            Stream out) {
        this.array = array;
        this.column = column;
        this.rowBlocks = rowBlocks;
        cores = Math.min(array.device().computeRows(), rowBlocks);
        List<DmaChannel.Visit> deals = new ArrayList<>();
        List<DmaChannel.Visit> gathers = new ArrayList<>();
        for (int i = 0; i < cores; i++) {
            deals.add(deal(i, depth, in));
            gathers.add(gather(i, depth, out));
        }
        DmaChannel reader = array.reader(column, in.name());
        DmaChannel into = array.channel(column, false, in.name());
        visit(into, deals, in.objects());
        array.connect(reader, List.of(into));
        turns(host, reader, in);
        DmaChannel outOf = array.channel(column, true, out.name());
        visit(outOf, gathers, out.objects());
        DmaChannel writer = array.writer(column, out.name());
        array.connect(outOf, List.of(writer));
        turns(host, writer, out);
        host.await(writer);
    }

    /**
     * Objects that go one way.
     *
     * @param name of the fifo
     * @param buffer in DDR
     * @param first where the column's part of it starts
     * @param objects a row block has
     * @param bytes of an object
     */
    record Stream(String name, Region buffer, int first, int objects, int bytes) {

        /** One object of each core's row block after the other, so that no core waits its turn. */
        private Tap turns(int from, int turns, int cores) {
            int rowBlock = objects * bytes;
            return new Tap(
                    first + from * rowBlock,
                    new int[] {turns, objects, cores},
                    new int[] {cores * rowBlock, bytes, rowBlock},
                    bytes);
        }
    }

    /** Whole turns over all cores, and one over those that have a row block more. */
    private void turns(HostSequence host, DmaChannel channel, Stream stream) {
        int whole = rowBlocks / cores;
        host.push(channel, stream.buffer(), stream.turns(0, whole, cores));
        if (rowBlocks % cores > 0) {
            Tap last = stream.turns(whole * cores, 1, rowBlocks % cores);
            host.push(channel, stream.buffer(), last);
        }
    }

    private void visit(DmaChannel channel, List<DmaChannel.Visit> visits, int objects) {
        channel.then(rowBlocks / cores * objects, visits);
        if (rowBlocks % cores > 0) {
            channel.then(objects, visits.subList(0, rowBlocks % cores));
        }
    }

    private DmaChannel.Visit deal(int i, int depth, Stream in) {
        FifoEnd staged = array.end(column, in.name() + i, depth, in.bytes());
        FifoEnd end = array.end(tile(i), in.name(), depth, in.bytes());
        DmaChannel from = array.channel(column, true, in.name() + i);
        DmaChannel to = array.channel(tile(i), false, in.name());
        from.then(1, List.of(new DmaChannel.Visit(staged, rowBlocks(i) * in.objects(), 1)));
        to.then(1, List.of(new DmaChannel.Visit(end, rowBlocks(i) * in.objects(), 1)));
        array.connect(from, List.of(to));
        inputs.add(end);
        return new DmaChannel.Visit(staged, 1, 1);
    }

    private DmaChannel.Visit gather(int i, int depth, Stream out) {
        FifoEnd end = array.end(tile(i), out.name(), depth, out.bytes());
        FifoEnd staged = array.end(column, out.name() + i, depth, out.bytes());
        DmaChannel from = array.channel(tile(i), true, out.name());
        DmaChannel to = array.channel(column, false, out.name() + i);
        from.then(1, List.of(new DmaChannel.Visit(end, rowBlocks(i) * out.objects(), 1)));
        to.then(1, List.of(new DmaChannel.Visit(staged, rowBlocks(i) * out.objects(), 1)));
        array.connect(from, List.of(to));
        outputs.add(end);
        return new DmaChannel.Visit(staged, 1, 1);
    }

    int cores() {
        return cores;
    }

    int rowBlocks(int core) {
        return Math.ceilDiv(rowBlocks - core, cores);
    }

    ComputeTile tile(int core) {
        return new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW + core);
    }

    FifoEnd input(int core) {
        return inputs.get(core);
    }

    FifoEnd output(int core) {
        return outputs.get(core);
    }
}
