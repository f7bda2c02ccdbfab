package io.djlnpu.kernel;

import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileDemand;
import java.util.Locale;

/**
 * How a matrix product is cut: tiles of {@code m x k} and {@code k x n} in L1, several of them each
 * way staged in L2, one operand broadcast along the columns and the other along the rows.
 *
 * <p><b>Source</b>: paper, tiled matrix multiply: an operand crosses DDR once a megatile of the
 * other, so the activations cross {@code N / (rows * across * n)} times and the weights {@code M /
 * (columns * down * m)} times.
 *
 * @param m tokens of a core's tile
 * @param k inner dimension of a core's tile
 * @param n outputs of a core's tile
 * @param down core tiles of tokens that a megatile holds a column
 * @param across core tiles of outputs that a megatile holds a row
 * @param depth inner dimension staged in L2 at a time
 */
record Megatile(int m, int k, int n, int down, int across, int depth) {

    private static final int[] SIDES = {16, 32, 64};
    private static final int[] INNER = {32, 64, 128};
    private static final int[] COUNTS = {1, 2, 4, 8};
    private static final int[] DEPTHS = {256, 512};

    /** Finds the fitting megatile that moves fewest bytes; among equals the largest core tile. */
    static Megatile search(NpuDevice device, int tokens, int rows, int columns) {
        Megatile best = new Megatile(16, 32, 16, 1, 1, 256);
        for (int m : SIDES) {
            for (int n : SIDES) {
                for (int k : INNER) {
                    for (int down : COUNTS) {
                        for (int across : COUNTS) {
                            for (int depth : DEPTHS) {
                                Megatile next = new Megatile(m, k, n, down, across, depth);
                                if (next.fits(device)
                                        && next.beats(device, best, tokens, rows, columns)) {
                                    best = next;
                                }
                            }
                        }
                    }
                }
            }
        }
        return best;
    }

    private boolean beats(NpuDevice device, Megatile other, int tokens, int rows, int columns) {
        long mine = readBytes(device, tokens, rows, columns);
        long theirs = other.readBytes(device, tokens, rows, columns);
        return mine != theirs
                ? mine < theirs
                : (long) m * k * n > (long) other.m * other.k * other.n;
    }

    private boolean fits(NpuDevice device) {
        return l1Bytes() <= device.l1Bytes() && l2Bytes(device) <= device.totalL2Bytes();
    }

    /** Both operands double-buffered in bf16, the result in float32. */
    private int l1Bytes() {
        return 2 * 2 * (m * k + k * n) + 4 * m * n;
    }

    /** Both operands double-buffered in bf16, the unfinished results in float32. */
    private long l2Bytes(NpuDevice device) {
        long tokens = (long) device.columns() * down * m;
        long outputs = (long) device.computeRows() * across * n;
        return 2 * 2 * (tokens + outputs) * depth + 4 * tokens * outputs;
    }

    TileDemand demand(NpuDevice device) {
        return new TileDemand(2 * (m * k + k * n), l1Bytes(), l2Bytes(device), 2, 1);
    }

    /** What crosses from DDR: each operand once for every megatile of the other. */
    long readBytes(NpuDevice device, int tokens, int rows, int columns) {
        long activations = 2L * tokens * columns;
        long weights = 2L * rows * columns;
        return Math.ceilDiv(rows, device.computeRows() * across * n) * activations
                + Math.ceilDiv(tokens, device.columns() * down * m) * weights;
    }

    String reason(NpuDevice device, int tokens, int rows, int columns) {
        double compute = (double) tokens * rows * columns / device.macsPerSecond();
        double ddr =
                (readBytes(device, tokens, rows, columns) + 2.0 * tokens * rows)
                        / device.ddr().value();
        return String.format(
                Locale.ROOT,
                "megatile %d x %d x %d of core tiles %d x %d x %d: fewest DDR bytes in %d bytes of"
                        + " L1 and %d of L2; %.3f ms of DDR beside %.3f ms of arithmetic",
                device.columns() * down * m,
                depth,
                device.computeRows() * across * n,
                m,
                k,
                n,
                l1Bytes(),
                l2Bytes(device),
                1e3 * ddr,
                1e3 * compute);
    }
}
