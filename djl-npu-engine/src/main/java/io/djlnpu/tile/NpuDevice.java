package io.djlnpu.tile;

import io.djlnpu.tile.Quantity.Confidence;
import java.util.List;
import java.util.Objects;

/**
 * An XDNA2 NPU as data: everything that plans and prices depend on.
 *
 * @param name of the product
 * @param geometry tiles and what each holds
 * @param core what a compute tile does in a cycle
 * @param paths how fast bytes move
 * @param overheads time that no kernel's work explains
 */
public record NpuDevice(
        String name, Geometry geometry, CoreRates core, PathRates paths, Overheads overheads) {

    /** What a what-if may change. */
    public enum Parameter {
        /** Columns of the array. */
        COLUMNS,
        /** Compute tiles of a column. */
        ROWS,
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
        /** Bytes per second of a column's stream. */
        STREAM;

        /**
         * Tells whether only whole numbers make sense.
         *
         * @return true for counts and bytes
         */
        public boolean isWhole() {
            return ordinal() <= L2.ordinal();
        }
    }

    /** Row of the lowest compute tile: below lie the shim and the mem tile. */
    public static final int FIRST_COMPUTE_ROW = 2;

    private static final Quantity COLUMN_STREAM =
            new Quantity(
                    14.4e9,
                    Confidence.MEASURED,
                    "64 bits at the array clock; 14.35 GB/s sustained a column in mlir-air's"
                            + " comparison");

    /** Ryzen AI 7 350, the paper's machine. */
    public static final NpuDevice KRACKAN =
            of(
                    "krackan",
                    new Quantity(
                            63e9,
                            Confidence.MEASURED,
                            "element-wise add on the whole array, read and write"));

    /** Ryzen AI 9 HX 370: the same array, another memory controller. */
    public static final NpuDevice STRIX =
            of(
                    "strix",
                    new Quantity(
                            60e9,
                            Confidence.MEASURED,
                            "arXiv 2508.17593: effective read and write"));

    /** Ryzen AI Max: the NPU is the same, and no faster for the wider memory. */
    public static final NpuDevice STRIX_HALO =
            of("strix-halo", new Quantity(63e9, Confidence.ASSUMED, "as Krackan"));

    private static final List<NpuDevice> PRESETS = List.of(KRACKAN, STRIX, STRIX_HALO);

    /**
     * Checks that nothing is missing.
     *
     * @throws NullPointerException if a part is missing
     */
    public NpuDevice {
        Objects.requireNonNull(name, "no name");
        Objects.requireNonNull(geometry, "no geometry");
        Objects.requireNonNull(core, "no core rates");
        Objects.requireNonNull(paths, "no path rates");
        Objects.requireNonNull(overheads, "no overheads");
    }

    private static NpuDevice of(String name, Quantity ddr) {
        return new NpuDevice(
                name,
                Geometry.XDNA2,
                CoreRates.XDNA2,
                new PathRates(ddr, COLUMN_STREAM),
                Overheads.XDNA2);
    }

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
                                        "no device '" + name + "'; known: " + presetNames()));
    }

    /**
     * Names the presets.
     *
     * @return names, separated by commas
     */
    public static String presetNames() {
        return String.join(", ", PRESETS.stream().map(NpuDevice::name).toList());
    }

    /**
     * Returns the device with one number changed.
     *
     * @param parameter which
     * @param other its value, in the unit of {@link Parameter}
     * @return a what-if device
     */
    public NpuDevice with(Parameter parameter, double other) {
        return switch (parameter) {
            case COLUMNS, ROWS, L1, L2 ->
                    new NpuDevice(
                            name, geometry.with(parameter, (int) other), core, paths, overheads);
            case CLOCK -> new NpuDevice(name, geometry, core.withClock(other), paths, overheads);
            case MACS ->
                    new NpuDevice(name, geometry, core.withMacsPerCycle(other), paths, overheads);
            case DDR -> withDdr(paths.ddr().assume(other));
            case STREAM -> withPaths(new PathRates(paths.ddr(), paths.stream().assume(other)));
        };
    }

    /**
     * Returns the device with another memory.
     *
     * @param other bytes per second
     * @return a what-if device
     */
    public NpuDevice withDdr(Quantity other) {
        return withPaths(new PathRates(other, paths.stream()));
    }

    private NpuDevice withPaths(PathRates other) {
        return new NpuDevice(name, geometry, core, other, overheads);
    }

    /**
     * Returns the device with another geometry.
     *
     * @param other tiles and what each holds
     * @return a what-if device
     */
    public NpuDevice withGeometry(Geometry other) {
        return new NpuDevice(name, other, core, paths, overheads);
    }

    /**
     * Returns the columns of the array.
     *
     * @return columns
     */
    public int columns() {
        return geometry.columns();
    }

    /**
     * Returns the compute tiles of a column.
     *
     * @return rows
     */
    public int computeRows() {
        return geometry.computeRows();
    }

    /**
     * Returns the pairs of neighbouring compute tiles of a column.
     *
     * @return pairs; 1 where a column has but one tile, which no plan of pairs fits
     */
    public int pairsPerColumn() {
        return Math.max(1, computeRows() / 2);
    }

    /**
     * Returns the rate of memory.
     *
     * @return bytes per second, read and write together
     */
    public Quantity ddr() {
        return paths.ddr();
    }

    /**
     * Returns the rate of a column's streams.
     *
     * @return bytes per second, each way
     */
    public Quantity stream() {
        return paths.stream();
    }

    /**
     * Returns the number of compute tiles.
     *
     * @return {@code columns * computeRows}
     */
    public int computeTiles() {
        return columns() * computeRows();
    }

    /**
     * Returns what the whole array multiplies in a tuned matrix product.
     *
     * @return bf16 multiply-accumulates per second
     */
    public double macsPerSecond() {
        return core.clock().value() * core.macsPerCycle().value() * computeTiles();
    }
}
