package io.djlnpu.tile;

import java.util.ArrayList;
import java.util.List;

/**
 * An XDNA2 NPU as data.
 *
 * @param name of the product
 * @param columns columns of the array; each has a shim tile and a mem tile
 * @param computeRows compute tiles of a column
 * @param l1Bytes data memory of a compute tile
 * @param l2Bytes memory of a mem tile
 */
public record NpuDevice(String name, int columns, int computeRows, int l1Bytes, int l2Bytes) {

    /** Row of the lowest compute tile: below lie the shim and the mem tile. */
    public static final int FIRST_COMPUTE_ROW = 2;

    /** Ryzen AI 7 350. Geometry and memories: AIETargetModel of mlir-aie (datasheet). */
    public static final NpuDevice KRACKAN = new NpuDevice("krackan", 8, 4, 64 << 10, 512 << 10);

    /**
     * Returns the number of compute tiles.
     *
     * @return {@code columns * computeRows}
     */
    public int computeTiles() {
        return columns * computeRows;
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
