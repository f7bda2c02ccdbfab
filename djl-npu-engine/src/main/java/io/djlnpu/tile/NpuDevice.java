package io.djlnpu.tile;

import io.djlnpu.tile.Quantity.Confidence;
import java.util.ArrayList;
import java.util.List;

/**
 * An XDNA2 NPU as data: everything that plans and prices depend on.
 *
 * @param name of the product
 * @param columns columns of the array; each has a shim tile and a mem tile
 * @param computeRows compute tiles of a column
 * @param l1Bytes data memory of a compute tile
 * @param l2Bytes memory of a mem tile
 * @param clock cycles per second of the array
 * @param macsPerCycle bf16 multiply-accumulates per cycle that a tuned matrix product reaches on
 *     one tile
 * @param ddr bytes per second between DDR and the array, read and write together
 * @param stream bytes per second of one stream between a shim tile and a compute tile
 * @param decodeLayer seconds that a layer costs in decode beyond its bytes: dispatches, barriers,
 *     element-wise tails
 * @param prefillLayer seconds that a layer costs once per prompt: reconfiguration between its
 *     programs
 * @param prefillRow seconds that a token costs per layer in prefill beyond the matrix products: the
 *     element-wise kernels, which run on a few tiles
 */
public record NpuDevice(
        String name,
        int columns,
        int computeRows,
        int l1Bytes,
        int l2Bytes,
        Quantity clock,
        Quantity macsPerCycle,
        Quantity ddr,
        Quantity stream,
        Quantity decodeLayer,
        Quantity prefillLayer,
        Quantity prefillRow) {

    /** What a what-if may change. */
    public enum Parameter {
        /** Columns of the array. */
        COLUMNS,
        /** Bytes of L1 a compute tile. */
        L1,
        /** Bytes of L2 a mem tile. */
        L2,
        /** Cycles per second. */
        CLOCK,
        /** Multiply-accumulates per cycle and tile. */
        MACS,
        /** Bytes per second of DDR. */
        DDR,
        /** Bytes per second of a stream. */
        STREAM
    }

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public NpuDevice {
        requirePositive("columns", columns);
        requirePositive("computeRows", computeRows);
        requirePositive("l1Bytes", l1Bytes);
        requirePositive("l2Bytes", l2Bytes);
        requirePositive("clock", clock);
        requirePositive("macsPerCycle", macsPerCycle);
        requirePositive("ddr", ddr);
        requirePositive("stream", stream);
        requirePositive("decodeLayer", decodeLayer);
        requirePositive("prefillLayer", prefillLayer);
        requirePositive("prefillRow", prefillRow);
    }

    private static void requirePositive(String what, Quantity quantity) {
        requirePositive(what, quantity == null ? 0 : quantity.value());
    }

    private static void requirePositive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " is " + value + ", expected above 0");
        }
    }

    /** Row of the lowest compute tile: below lie the shim and the mem tile. */
    public static final int FIRST_COMPUTE_ROW = 2;

    /** DMA channels of a compute tile, each way. Source: AIETargetModel of mlir-aie. */
    public static final int CORE_CHANNELS = 2;

    /** Buffer descriptors of a compute tile. Source: AIETargetModel of mlir-aie. */
    public static final int CORE_DESCRIPTORS = 16;

    /** Ryzen AI 7 350, the paper's machine. */
    public static final NpuDevice KRACKAN =
            new NpuDevice(
                    "krackan",
                    8,
                    4,
                    64 << 10,
                    512 << 10,
                    new Quantity(1.8e9, Confidence.MEASURED, "top DPM step; 1.808 GHz measured"),
                    new Quantity(
                            127.6,
                            Confidence.MEASURED,
                            "arXiv 2512.13282: 14.71 TOPS bf16 on 32 tiles at 1.8 GHz"),
                    new Quantity(
                            63e9,
                            Confidence.MEASURED,
                            "element-wise add on the whole array, read and write"),
                    new Quantity(14.4e9, Confidence.DATASHEET, "64-bit stream at the array clock"),
                    new Quantity(
                            0.480e-3, Confidence.FITTED, "paper: decode of the 1B at 1k tokens"),
                    new Quantity(
                            15.73e-3,
                            Confidence.FITTED,
                            "paper: TTFT of the 1B at 1k and 32k tokens"),
                    new Quantity(
                            15.01e-6,
                            Confidence.FITTED,
                            "paper: TTFT of the 1B at 1k and 32k tokens"));

    /** Ryzen AI 9 HX 370: the same array, another memory controller. */
    public static final NpuDevice STRIX =
            KRACKAN.rename("strix")
                    .withDdr(
                            new Quantity(
                                    60e9,
                                    Confidence.MEASURED,
                                    "arXiv 2508.17593: effective read and write"));

    /** Ryzen AI Max: the NPU is the same, and no faster for the wider memory. */
    public static final NpuDevice STRIX_HALO =
            KRACKAN.rename("strix-halo")
                    .withDdr(new Quantity(63e9, Confidence.ASSUMED, "as Krackan"));

    private static final List<NpuDevice> PRESETS = List.of(KRACKAN, STRIX, STRIX_HALO);

    /**
     * Finds a preset.
     *
     * @param name its name
     * @return the device
     * @throws IllegalArgumentException if there is none of that name
     */
    public static NpuDevice preset(String name) {
        return PRESETS.stream()
                .filter(device -> device.name.equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no device '"
                                                + name
                                                + "'; known: "
                                                + String.join(
                                                        ", ",
                                                        PRESETS.stream()
                                                                .map(NpuDevice::name)
                                                                .toList())));
    }

    private NpuDevice rename(String other) {
        return new NpuDevice(
                other,
                columns,
                computeRows,
                l1Bytes,
                l2Bytes,
                clock,
                macsPerCycle,
                ddr,
                stream,
                decodeLayer,
                prefillLayer,
                prefillRow);
    }

    /**
     * Returns the device with one number changed.
     *
     * @param parameter which
     * @param other its value, in the unit of {@link Parameter}
     * @return a what-if device
     */
    public NpuDevice with(Parameter parameter, double other) {
        return new NpuDevice(
                name,
                parameter == Parameter.COLUMNS ? (int) other : columns,
                computeRows,
                parameter == Parameter.L1 ? (int) other : l1Bytes,
                parameter == Parameter.L2 ? (int) other : l2Bytes,
                parameter == Parameter.CLOCK ? clock.assume(other) : clock,
                parameter == Parameter.MACS ? macsPerCycle.assume(other) : macsPerCycle,
                parameter == Parameter.DDR ? ddr.assume(other) : ddr,
                parameter == Parameter.STREAM ? stream.assume(other) : stream,
                decodeLayer,
                prefillLayer,
                prefillRow);
    }

    /**
     * Returns the device with another memory.
     *
     * @param other bytes per second
     * @return a what-if device
     */
    public NpuDevice withDdr(Quantity other) {
        return new NpuDevice(
                name,
                columns,
                computeRows,
                l1Bytes,
                l2Bytes,
                clock,
                macsPerCycle,
                other,
                stream,
                decodeLayer,
                prefillLayer,
                prefillRow);
    }

    /**
     * Returns the device with another number of columns.
     *
     * @param other columns
     * @return a what-if device
     */
    public NpuDevice withColumns(int other) {
        return with(Parameter.COLUMNS, other);
    }

    /**
     * Returns the device with another L1.
     *
     * @param other bytes of a compute tile's data memory
     * @return a what-if device
     */
    public NpuDevice withL1Bytes(int other) {
        return with(Parameter.L1, other);
    }

    /**
     * Returns the number of compute tiles.
     *
     * @return {@code columns * computeRows}
     */
    public int computeTiles() {
        return columns * computeRows;
    }

    /**
     * Returns the memory of all mem tiles.
     *
     * @return bytes
     */
    public long totalL2Bytes() {
        return (long) columns * l2Bytes;
    }

    /**
     * Returns what one tile multiplies.
     *
     * @return bf16 multiply-accumulates per second
     */
    public double tileMacsPerSecond() {
        return clock.value() * macsPerCycle.value();
    }

    /**
     * Returns what the whole array multiplies.
     *
     * @return bf16 multiply-accumulates per second
     */
    public double macsPerSecond() {
        return tileMacsPerSecond() * computeTiles();
    }

    /**
     * Deals out units as {@link #deal} does, but to tiles of columns as far apart as possible, so
     * that each has a shim's streams to itself.
     *
     * @param units how many units of work
     * @param tiles how many tiles take part at most
     * @return one share for each tile that has work
     */
    public List<TileShare> spread(int units, int tiles) {
        int taking = Math.min(units, Math.min(tiles, columns));
        List<TileShare> shares = new ArrayList<>();
        for (int i = 0; i < taking; i++) {
            int first = (int) ((long) units * i / taking);
            int end = (int) ((long) units * (i + 1) / taking);
            ComputeTile tile = new ComputeTile(i * columns / taking, FIRST_COMPUTE_ROW);
            shares.add(new TileShare(tile, first, end));
        }
        return shares;
    }

    /**
     * Deals out units to tiles in contiguous ranges that differ by one unit at most, column by
     * column.
     *
     * @param units how many units of work
     * @param tiles how many tiles take part at most
     * @return one share for each tile that has work
     */
    public List<TileShare> deal(int units, int tiles) {
        List<TileShare> shares = new ArrayList<>();
        int taking = Math.min(units, Math.min(tiles, computeTiles()));
        for (int i = 0; i < taking; i++) {
            ComputeTile tile =
                    new ComputeTile(i / computeRows, FIRST_COMPUTE_ROW + i % computeRows);
            int first = (int) ((long) units * i / taking);
            int end = (int) ((long) units * (i + 1) / taking);
            shares.add(new TileShare(tile, first, end));
        }
        return shares;
    }
}
