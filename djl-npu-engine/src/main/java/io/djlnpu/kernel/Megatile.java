package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Deal;
import io.djlnpu.tile.Flow;
import io.djlnpu.tile.Flow.Sharing;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileDemand;
import io.djlnpu.tile.TileShare;
import io.djlnpu.tile.Work;
import java.util.List;

/**
 * How a matrix product is cut: tiles of {@code m x k} and {@code k x n} in L1, several of them each
 * way staged in L2, activations broadcast down the columns and weights along the rows. So the
 * columns divide the tokens among them and the rows the outputs, each in whole core tiles: those at
 * the edges are padded, and cost as much as the others.
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
 */
record Megatile(int m, int k, int n, int down, int across) {

    private static final int[] SIDES = {32, 64};
    private static final int[] INNER = {32, 64, 128};
    private static final int[] COUNTS = {1, 2, 4, 8};

    /** Inner dimension that is staged in L2 at a time. */
    private static final int DEPTH = 256;

    /** Rows and columns of sums that a core holds in registers: each operand is loaded so often. */
    private static final int REGISTER_SIDE = 16;

    /** A product of known size on a device. */
    private record Product(NpuDevice device, int tokens, int rows, int columns) {

        long macs() {
            return (long) tokens * rows * columns;
        }
    }

    private static final PlanMemory<Product> PLANS = new PlanMemory<>(Megatile::search);

    /** Plans a product {@code [tokens, columns] x [rows, columns]^T}; columns are padded. */
    static DataflowPlan plan(NpuDevice device, int tokens, int rows, int columns) {
        return PLANS.of(new Product(device, tokens, rows, columns));
    }

    private static DataflowPlan search(Product product) {
        NpuDevice device = product.device();
        CutSearch search = new CutSearch(device);
        for (int m : SIDES) {
            for (int n : SIDES) {
                List<TileShare> shares = shares(product, m, n);
                for (int k : INNER) {
                    for (int down : COUNTS) {
                        for (int across : COUNTS) {
                            Megatile next = new Megatile(m, k, n, down, across);
                            if (next.l2Bytes(device) <= device.geometry().l2Bytes()) {
                                search.offer(next.plan(product, shares), () -> next.cut(device));
                            }
                        }
                    }
                }
            }
        }
        if (!search.foundOneThatFits()) {
            // memories so small that not even the smallest of these tiles fits
            Megatile least = new Megatile(16, 32, 16, 1, 1);
            search.offer(
                    least.plan(product, shares(product, least.m, least.n)),
                    () -> least.cut(device));
        }
        return search.fastest();
    }

    /** A unit is a core's tile of {@code m} tokens by {@code n} outputs. */
    private static List<TileShare> shares(Product product, int m, int n) {
        return Deal.grid(
                product.device(),
                Math.ceilDiv(product.tokens(), m),
                Math.ceilDiv(product.rows(), n));
    }

    private DataflowPlan plan(Product product, List<TileShare> shares) {
        NpuDevice device = product.device();
        return DataflowPlan.of(device, "TiledMatmul", shares, work(product), demand(device));
    }

    private String cut(NpuDevice device) {
        return String.format(
                "megatile %d x %d x %d of core tiles %d x %d x %d",
                device.columns() * down * m, DEPTH, device.computeRows() * across * n, m, k, n);
    }

    /** What a column stages: a share of both operands, twice, and of the unfinished sums. */
    private long stagedBytes(NpuDevice device) {
        long tokens = (long) down * m;
        long outputs = (long) device.computeRows() * across * n;
        long operands = tokens + Math.ceilDiv(outputs, device.columns());
        return 2L * 2 * operands * DEPTH + 4 * tokens * outputs;
    }

    private long l2Bytes(NpuDevice device) {
        return demand(device).l2Bytes();
    }

    private TileDemand demand(NpuDevice device) {
        return new TileDemand(
                List.of(
                        Flow.in("weights", Sharing.ROW, 2L * k * n),
                        Flow.in("activations", Sharing.COLUMN, 2L * m * k),
                        // the sums' buffer is sent as it is
                        new Flow("result", Flow.Direction.OUT, Sharing.OWN, 1, 4L * m * n)),
                device.computeRows(),
                0,
                0,
                stagedBytes(device));
    }

    private Work work(Product product) {
        long padded = paddedMacs(product);
        return new Work(
                product.macs(),
                padded / product.device().core().macsPerCycle().value(),
                0,
                readBytes(product),
                2L * product.tokens() * product.rows(),
                streamBytes(product.device(), padded),
                Math.round(padded * deliveredBytesPerMac()),
                Math.round(padded * (2.0 * 2 / REGISTER_SIDE + 2.0 * 4 / k)));
    }

    /** What whole core tiles multiply. */
    private long paddedMacs(Product product) {
        long tokens = (long) m * Math.ceilDiv(product.tokens(), m);
        long rows = (long) n * Math.ceilDiv(product.rows(), n);
        return tokens * rows * product.columns();
    }

    private double deliveredBytesPerMac() {
        return 2.0 / n + 2.0 / m;
    }

    /** A step takes a tile of each operand, each over a stream of its own, for all rows. */
    private long streamBytes(NpuDevice device, long macs) {
        return Math.round(macs * 2.0 / Math.min(m, n) / device.computeRows());
    }

    /** What crosses from DDR: each operand once for every megatile of the other. */
    long readBytes(NpuDevice device, int tokens, int rows, int columns) {
        long activations = 2L * tokens * columns;
        long weights = 2L * rows * columns;
        return Math.ceilDiv(rows, device.computeRows() * across * n) * activations
                + Math.ceilDiv(tokens, device.columns() * down * m) * weights;
    }

    private long readBytes(Product product) {
        return readBytes(product.device(), product.tokens(), product.rows(), product.columns());
    }
}
