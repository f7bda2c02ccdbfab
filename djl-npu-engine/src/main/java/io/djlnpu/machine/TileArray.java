package io.djlnpu.machine;

import io.djlnpu.tile.ComputeTile;
import io.djlnpu.tile.Geometry;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The array that a design is laid out on: its tiles, what they hold, and what that may not exceed.
 */
public final class TileArray {

    /** What a core's calls need, at the bottom of its memory. */
    private static final int STACK_BYTES = 1024;

    private static final int SHIM_DIMENSIONS = 4;
    private static final int MEM_DIMENSIONS = 4;
    private static final int CORE_DIMENSIONS = 3;

    /** A tile's memory and what hangs on it. */
    private static final class Tile {
        private final String name;
        private final Memory memory;
        private final TileLimits limits;
        private final List<DmaChannel> channels = new ArrayList<>();
        private int ends;

        Tile(String name, Memory memory, TileLimits limits) {
            this.name = name;
            this.memory = memory;
            this.limits = limits;
        }
    }

    private final Machine machine;
    private final String kernel;
    private final String remedy;
    private final Map<String, Tile> tiles = new TreeMap<>();
    private final Map<DmaChannel, Rail> rails = new java.util.HashMap<>();
    private final Rail[] columnsOut;
    private final Rail[] columnsIn;

    /**
     * Begins with bare tiles.
     *
     * @param machine that runs them
     * @param kernel named where a limit is broken
     * @param remedy what to change then
     */
    TileArray(Machine machine, String kernel, String remedy) {
        this.machine = machine;
        this.kernel = kernel;
        this.remedy = remedy;
        NpuDevice device = machine.device();
        columnsOut = new Rail[device.columns()];
        columnsIn = new Rail[device.columns()];
        double rate = device.stream().value() / device.core().clock().value();
        for (int c = 0; c < columnsOut.length; c++) {
            columnsOut[c] = new Rail(rate);
            columnsIn[c] = new Rail(rate);
        }
    }

    NpuDevice device() {
        return machine.device();
    }

    private Geometry geometry() {
        return device().geometry();
    }

    private Tile core(ComputeTile at) {
        return tiles.computeIfAbsent(
                "core (" + at.column() + "," + at.row() + ")",
                name -> {
                    Memory memory = new Memory(name, Memory.Level.L1, geometry().l1Bytes());
                    memory.allocate("stack", STACK_BYTES);
                    return new Tile(name, memory, geometry().core());
                });
    }

    private Tile mem(int column) {
        return tiles.computeIfAbsent(
                "mem tile " + column,
                name ->
                        new Tile(
                                name,
                                new Memory(name, Memory.Level.L2, geometry().l2Bytes()),
                                geometry().mem()));
    }

    private Tile shim(int column) {
        return tiles.computeIfAbsent(
                "shim " + column, name -> new Tile(name, null, geometry().shim()));
    }

    /** Sets a buffer aside in a core. */
    Region local(ComputeTile at, String name, int bytes) {
        return core(at).memory.allocate(name, bytes);
    }

    /** Sets a fifo's slots aside in a core. */
    FifoEnd end(ComputeTile at, String name, int depth, int bytes) {
        return end(core(at), name, depth, bytes);
    }

    /** Sets a fifo's slots aside in a mem tile. */
    FifoEnd end(int column, String name, int depth, int bytes) {
        return end(mem(column), name, depth, bytes);
    }

    private FifoEnd end(Tile tile, String name, int depth, int bytes) {
        tile.ends++;
        return new FifoEnd(machine, name + " at " + tile.name, tile.memory, depth, bytes);
    }

    /** A core's channel. */
    DmaChannel channel(ComputeTile at, boolean out, String name) {
        return channel(core(at), out, name, CORE_DIMENSIONS);
    }

    /** A mem tile's channel. */
    DmaChannel channel(int column, boolean out, String name) {
        return channel(mem(column), out, name, MEM_DIMENSIONS);
    }

    /** A shim's channel that reads DDR. */
    DmaChannel reader(int column, String name) {
        DmaChannel channel = channel(shim(column), true, name, SHIM_DIMENSIONS);
        rails.put(channel, columnsOut[column]);
        return channel;
    }

    /** A shim's channel that writes DDR. */
    DmaChannel writer(int column, String name) {
        DmaChannel channel = channel(shim(column), false, name, SHIM_DIMENSIONS);
        rails.put(channel, columnsIn[column]);
        return channel;
    }

    private DmaChannel channel(Tile tile, boolean out, String name, int dimensions) {
        String direction = out ? ", out of " : ", into ";
        DmaChannel channel =
                new DmaChannel(machine, "DMA " + name + direction + tile.name, out, dimensions);
        tile.channels.add(channel);
        return channel;
    }

    /** Routes a stream. */
    void connect(DmaChannel from, List<DmaChannel> to) {
        Rail rail = rails.get(from);
        new DataStream(machine, from, to, rail != null ? rail : rails.get(to.getFirst()));
    }

    /** Gives a core its program. */
    void worker(ComputeTile at, String name, List<Op> program) {
        new CoreWorker(machine, kernel + "." + name + " at " + core(at).name, program);
    }

    /**
     * Returns the memory maps.
     *
     * @return of all tiles that hold anything
     */
    String maps() {
        StringBuilder maps = new StringBuilder();
        for (Tile tile : tiles.values()) {
            if (tile.memory != null) {
                maps.append(tile.memory.map());
            }
        }
        return maps.toString();
    }

    /** The fullest core. */
    long mostL1() {
        return tiles.values().stream()
                .filter(t -> t.memory != null && t.memory.level() == Memory.Level.L1)
                .mapToLong(t -> t.memory.demanded())
                .max()
                .orElse(0);
    }

    /** Refuses a design that does not fit. */
    void check() {
        List<String> broken = new ArrayList<>();
        for (Tile tile : tiles.values()) {
            if (tile.memory != null) {
                boolean l1 = tile.memory.level() == Memory.Level.L1;
                int has = l1 ? geometry().l1Bytes() : geometry().l2Bytes();
                String what = "bytes of " + tile.memory.level();
                atMost(broken, tile, what, tile.memory.demanded(), has);
            }
            long out = tile.channels.stream().filter(DmaChannel::out).count();
            long in = tile.channels.size() - out;
            int descriptors = tile.channels.stream().mapToInt(DmaChannel::descriptors).sum();
            atMost(broken, tile, "DMA channels in", in, inputs(tile));
            atMost(broken, tile, "DMA channels out", out, outputs(tile));
            atMost(broken, tile, "buffer descriptors", descriptors, tile.limits.descriptors());
            atMost(broken, tile, "locks", 2L * tile.ends, tile.limits.locks());
        }
        if (!broken.isEmpty()) {
            throw new DesignException(broken);
        }
    }

    /** The device file counts a shim's channels from the array's side: what reads DDR is input. */
    private static int inputs(Tile tile) {
        return tile.memory == null ? tile.limits.outputChannels() : tile.limits.inputChannels();
    }

    private static int outputs(Tile tile) {
        return tile.memory == null ? tile.limits.inputChannels() : tile.limits.outputChannels();
    }

    private void atMost(List<String> broken, Tile tile, String what, long needs, long has) {
        if (needs > has) {
            broken.add(
                    String.format(
                            "%s needs %d %s in %s, %d more than %s has; %s",
                            kernel, needs, what, tile.name, needs - has, device().name(), remedy));
        }
    }
}
