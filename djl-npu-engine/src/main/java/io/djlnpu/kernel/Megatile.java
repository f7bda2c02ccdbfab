package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Flow;
import io.djlnpu.tile.Flow.Sharing;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileDemand;
import io.djlnpu.tile.Work;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How a matrix product is cut: tiles of {@code m x k} and {@code k x n} in L1, several of them each
 * way staged in L2, activations broadcast down the columns and weights along the rows.
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

    /** Rows and columns of sums that a core holds in registers: each operand is loaded so often. */
    private static final int REGISTER_SIDE = 16;

    /** A product of known size on a device. */
    private record Product(NpuDevice device, int tokens, int rows, int columns) {

        long macs() {
            return (long) tokens * rows * columns;
        }

        double cycles() {
            return macs() / device.core().macsPerCycle().value();
        }
    }

    /** Plans a product {@code [tokens, columns] x [rows, columns]^T}; columns are padded. */
    static DataflowPlan plan(NpuDevice device, int tokens, int rows, int columns) {
        Product product = new Product(device, tokens, rows, columns);
        Megatile best = search(product);
        return DataflowPlan.of(
                        device,
                        "TiledMatmul",
                        device.deal(rows / 32, device.computeTiles()),
                        best.work(product),
                        best.demand(device))
                .because(best.reason(product));
    }

    /**
     * Finds the fastest megatile that fits; among equals the one that moves fewest bytes, and of
     * those the one with the largest core tiles.
     */
    private static Megatile search(Product product) {
        Comparator<Megatile> order =
                Comparator.comparingDouble((Megatile t) -> t.seconds(product))
                        .thenComparingLong(t -> t.readBytes(product))
                        .thenComparingLong(t -> -(long) t.m * t.k * t.n);
        Megatile best = new Megatile(16, 32, 16, 1, 1, 256);
        for (int m : SIDES) {
            for (int n : SIDES) {
                for (int k : INNER) {
                    for (int down : COUNTS) {
                        for (int across : COUNTS) {
                            for (int depth : DEPTHS) {
                                Megatile next = new Megatile(m, k, n, down, across, depth);
                                if (next.fits(product.device()) && order.compare(next, best) < 0) {
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

    private double seconds(Product product) {
        return Math.max(
                computeSeconds(product), Math.max(ddrSeconds(product), streamSeconds(product)));
    }

    private double computeSeconds(Product product) {
        return product.macs() / product.device().macsPerSecond();
    }

    private double ddrSeconds(Product product) {
        double bytes = readBytes(product) + 2.0 * product.tokens() * product.rows();
        return bytes / product.device().ddr().value();
    }

    private double streamSeconds(Product product) {
        return streamBytes(product)
                / (product.device().columns() * product.device().stream().value());
    }

    private boolean fits(NpuDevice device) {
        return l1Bytes() <= device.geometry().l1Bytes()
                && l2Bytes(device) <= device.geometry().l2Bytes();
    }

    /** Both operands double-buffered in bf16, the sums in float32, the result in bf16. */
    private long l1Bytes() {
        return 2L * operandBytes() + 4L * m * n;
    }

    private int operandBytes() {
        return 2 * (m * k + k * n);
    }

    /** What a column stages: a share of both operands, twice, and of the unfinished sums. */
    private long stagedBytes(NpuDevice device) {
        long tokens = (long) down * m;
        long outputs = (long) device.computeRows() * across * n;
        long operands = tokens + Math.ceilDiv(outputs, device.columns());
        return 2L * 2 * operands * depth + 4 * tokens * outputs;
    }

    private long l2Bytes(NpuDevice device) {
        return demand(device).l2Bytes();
    }

    private TileDemand demand(NpuDevice device) {
        return new TileDemand(
                List.of(
                        Flow.in("weights", Sharing.COLUMN, 2L * k * n),
                        Flow.in("activations", Sharing.COLUMN, 2L * m * k),
                        // the sums' buffer is sent as it is
                        new Flow("result", Flow.Direction.OUT, Sharing.OWN, 1, 4L * m * n)),
                device.computeRows(),
                0,
                0,
                stagedBytes(device));
    }

    private Work work(Product product) {
        long macs = product.macs();
        return new Work(
                macs,
                product.cycles(),
                0,
                readBytes(product),
                2L * product.tokens() * product.rows(),
                streamBytes(product),
                Math.round(macs * deliveredBytesPerMac()),
                Math.round(macs * (2.0 * 2 / REGISTER_SIDE + 2.0 * 4 / k)));
    }

    private double deliveredBytesPerMac() {
        return 2.0 / n + 2.0 / m;
    }

    /** A step takes a tile of each operand, each over a stream of its own, for all rows. */
    private long streamBytes(Product product) {
        return Math.round(product.macs() * 2.0 / Math.min(m, n) / product.device().computeRows());
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

    private String reason(Product product) {
        NpuDevice device = product.device();
        return String.format(
                Locale.ROOT,
                "megatile %d x %d x %d of core tiles %d x %d x %d: the fastest that fits in %d"
                        + " bytes of L1 and %d of L2; %.3f ms of arithmetic, %.3f ms of DDR, %.3f"
                        + " ms of streams",
                device.columns() * down * m,
                depth,
                device.computeRows() * across * n,
                m,
                k,
                n,
                device.geometry().l1Bytes(),
                device.geometry().l2Bytes(),
                1e3 * computeSeconds(product),
                1e3 * ddrSeconds(product),
                1e3 * streamSeconds(product));
    }
}
