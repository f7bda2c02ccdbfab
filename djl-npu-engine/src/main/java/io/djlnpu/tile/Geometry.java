package io.djlnpu.tile;

import java.util.Objects;

/**
 * Tiles of the array and what each holds.
 *
 * @param columns columns of the array; each has a shim tile and a mem tile
 * @param computeRows compute tiles of a column
 * @param l1Bytes data memory of a compute tile
 * @param l2Bytes memory of a mem tile
 * @param core DMA of a compute tile
 * @param mem DMA of a mem tile
 * @param shim DMA of a shim tile
 * @param source where the numbers stand
 */
public record Geometry(
        int columns,
        int computeRows,
        int l1Bytes,
        int l2Bytes,
        TileLimits core,
        TileLimits mem,
        TileLimits shim,
        String source) {

    private static final int MAX_SIDE = 256;
    private static final int MAX_MEMORY = 1 << 30;

    /** XDNA2: 8 columns of a shim tile, a mem tile and four compute tiles. */
    static final Geometry XDNA2 =
            new Geometry(
                    8,
                    4,
                    64 << 10,
                    512 << 10,
                    new TileLimits(2, 2, 16, 16),
                    new TileLimits(6, 6, 48, 64),
                    new TileLimits(2, 2, 16, 16),
                    "AIETargetModel.h of Xilinx/mlir-aie");

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is missing, not positive or beyond any such device
     */
    public Geometry {
        Positive.require("columns", columns, MAX_SIDE);
        Positive.require("computeRows", computeRows, MAX_SIDE);
        Positive.require("l1Bytes", l1Bytes, MAX_MEMORY);
        Positive.require("l2Bytes", l2Bytes, MAX_MEMORY);
        Objects.requireNonNull(core, "no limits of the compute tile");
        Objects.requireNonNull(mem, "no limits of the mem tile");
        Objects.requireNonNull(shim, "no limits of the shim tile");
    }

    Geometry with(NpuDevice.Parameter parameter, int other) {
        return new Geometry(
                parameter == NpuDevice.Parameter.COLUMNS ? other : columns,
                parameter == NpuDevice.Parameter.ROWS ? other : computeRows,
                parameter == NpuDevice.Parameter.L1 ? other : l1Bytes,
                parameter == NpuDevice.Parameter.L2 ? other : l2Bytes,
                core,
                mem,
                shim,
                source);
    }
}
