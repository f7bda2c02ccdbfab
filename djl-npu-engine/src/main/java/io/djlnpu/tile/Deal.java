package io.djlnpu.tile;

import java.util.ArrayList;
import java.util.List;

/**
 * Who gets which units of a kernel's work. Each way of dealing gives as many shares as there are
 * tiles, or pairs of tiles, that get any.
 */
public final class Deal {

    private Deal() {}

    /**
     * Deals out units to tiles in contiguous ranges that differ by one unit at most, column by
     * column.
     *
     * @param device whose tiles
     * @param units how many units of work
     * @return the shares
     */
    public static List<TileShare> contiguous(NpuDevice device, int units) {
        List<TileShare> shares = new ArrayList<>();
        int rows = device.computeRows();
        int taking = Math.min(units, device.computeTiles());
        for (int i = 0; i < taking; i++) {
            shares.add(
                    new TileShare(
                            tile(i / rows, i % rows),
                            begin(units, i, taking),
                            begin(units, i + 1, taking)));
        }
        return shares;
    }

    /**
     * Deals out contiguous ranges to one tile a column, of columns as far apart as possible, so
     * that each has a shim's streams to itself.
     *
     * @param device whose tiles
     * @param units how many units of work
     * @param tiles how many tiles take part at most
     * @return the shares
     */
    public static List<TileShare> spread(NpuDevice device, int units, int tiles) {
        List<TileShare> shares = new ArrayList<>();
        int taking = Math.min(units, Math.min(tiles, device.columns()));
        for (int i = 0; i < taking; i++) {
            shares.add(
                    new TileShare(
                            tile(i * device.columns() / taking, 0),
                            begin(units, i, taking),
                            begin(units, i + 1, taking)));
        }
        return shares;
    }

    /**
     * Deals out a grid of units: its first side over the columns of the array, its second over the
     * rows. Each tile gets a rectangle, numbered on from the one before.
     *
     * @param device whose tiles
     * @param overColumns units of the side that the columns divide
     * @param overRows units of the side that the rows divide
     * @return the shares
     */
    public static List<TileShare> grid(NpuDevice device, int overColumns, int overRows) {
        List<TileShare> shares = new ArrayList<>();
        int next = 0;
        for (int c = 0; c < device.columns(); c++) {
            int wide = length(overColumns, c, device.columns());
            for (int r = 0; r < device.computeRows(); r++) {
                int units = Math.multiplyExact(wide, length(overRows, r, device.computeRows()));
                if (units > 0) {
                    shares.add(new TileShare(tile(c, r), next, next + units));
                    next += units;
                }
            }
        }
        return shares;
    }

    /**
     * Deals out the units of several streams to pairs of neighbouring tiles. A column takes units
     * of one stream at a time, which its pairs share; streams and their units go round the columns,
     * so that each pair gets early and late units alike.
     *
     * <p>With {@code p} pairs a column, unit {@code (i * streams + s) * p + j} is the {@code (i * p
     * + j)}-th of stream {@code s}, for the {@code j}-th pair of a column.
     *
     * @param device whose tiles
     * @param streams how many streams
     * @param units how many units of work each stream has
     * @return the shares
     */
    public static List<TileShare> pairs(NpuDevice device, int streams, int units) {
        List<TileShare> shares = new ArrayList<>();
        int pairs = device.pairsPerColumn();
        for (int c = 0; c < device.columns(); c++) {
            for (int j = 0; j < pairs; j++) {
                int rounds = Math.ceilDiv(units - j, pairs);
                int first = c * pairs + j;
                int end = Math.multiplyExact(rounds, streams * pairs);
                if (first < end) {
                    shares.add(new TileShare(tile(c, 2 * j), first, end, device.columns() * pairs));
                }
            }
        }
        return shares;
    }

    private static ComputeTile tile(int column, int row) {
        return new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW + row);
    }

    /** The first unit of the {@code i}-th of some equal parts. */
    private static int begin(int units, int i, int parts) {
        return (int) ((long) units * i / parts);
    }

    private static int length(int units, int i, int parts) {
        return begin(units, i + 1, parts) - begin(units, i, parts);
    }
}
