package io.djlnpu.kernel;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.simd.MatrixVector;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileShare;
import java.lang.foreign.MemorySegment;

/**
 * FusedDQP: the decode projection. Weights stay Q4NX all the way into L1 and are dequantised in
 * registers; the activation vector is broadcast to all tiles, each of which owns whole row blocks.
 *
 * <p><b>Shape</b>: {@code [rows, columns] x [columns] -> [rows]} for one or several matrices over
 * one input. <b>Numerics</b>: {@link MatrixVector}; the result is narrowed as the session says.
 * <b>Source</b>: paper, FusedDQP.
 */
public final class FusedDqp implements TileExecutor.Task {

    /** Row blocks that all vectors multiply before the next ones are read: some 100 KB. */
    private static final int BLOCKS_IN_CACHE = 8;

    private final KernelContext context;
    private final RowBlocks<ProjectionWeights> blocks;
    private final DataflowPlan plan;
    private final MemorySegment prepared;
    private final boolean narrow;
    private final GreatestRow greatest;
    private FusedDqp[] batch;
    private int batchSize;
    private MemorySegment vectors;
    private int fours;

    /**
     * Binds the kernel to its weights and buffers.
     *
     * @param context what the session's kernels share
     * @param prepared scratch of {@link MatrixVector#preparedLength} floats, free between runs
     * @param weights matrices over the same input
     * @param outputs one vector a matrix
     */
    public FusedDqp(
            KernelContext context,
            MemorySegment prepared,
            ProjectionWeights[] weights,
            MemorySegment[] outputs) {
        this(context, prepared, weights, outputs, context.narrow(), null);
    }

    /** One matrix whose result stays float32 and whose greatest row is wanted. */
    FusedDqp(
            KernelContext context,
            MemorySegment prepared,
            ProjectionWeights[] weights,
            MemorySegment[] outputs,
            GreatestRow greatest) {
        this(context, prepared, weights, outputs, false, greatest);
    }

    private FusedDqp(
            KernelContext context,
            MemorySegment prepared,
            ProjectionWeights[] weights,
            MemorySegment[] outputs,
            boolean narrow,
            GreatestRow greatest) {
        this.context = context;
        this.prepared = prepared;
        this.narrow = narrow;
        this.greatest = greatest;
        blocks = new RowBlocks<>(weights, outputs);
        plan = plan(context.device(), blocks.total() * Q4nxFormat.BLOCK_ROWS, blocks.columns());
    }

    /**
     * Plans the kernel; a unit is a block of 32 rows.
     *
     * @param device the device
     * @param rows outputs, a multiple of 32
     * @param columns inputs
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int rows, int columns) {
        return ProjectionPlans.fusedDqp(device, rows, columns);
    }

    /**
     * Returns the plan that {@link #run} executes.
     *
     * @return the plan
     */
    public DataflowPlan plan() {
        return plan;
    }

    /**
     * Lays out this kernel's vector; the next {@link #run} multiplies it.
     *
     * @param x the input vector
     * @param xIndex its first float
     */
    public void prepare(MemorySegment x, long xIndex) {
        context.simd()
                .matrixVector()
                .prepare(x, xIndex, blocks.columns(), blocks.paddedColumns(), prepared);
    }

    /**
     * Multiplies the prepared vectors of kernels over the same weights, of as many sequences: each
     * weight is read once for up to eight of them.
     *
     * @param kernels the kernels
     * @param count how many of them
     */
    public static void run(FusedDqp[] kernels, int count) {
        FusedDqp first = kernels[0];
        first.batch = kernels;
        first.batchSize = count;
        first.prepareFours();
        int shares = first.plan.shares().size();
        for (int i = 0; i < count && first.greatest != null; i++) {
            kernels[i].greatest.begin(shares);
        }
        first.context.executor().run(shares, first);
    }

    private void prepareFours() {
        fours = context.simd().matrixVector().foursOf(batchSize);
        int columns = blocks.paddedColumns();
        vectors = context.batch(MatrixVector.preparedLengthOfFours(columns, fours));
        MemorySegment[] prepared = context.products(0);
        for (int i = 0; i < 4 * fours; i++) {
            prepared[i] = inFours(i).prepared;
        }
        MatrixVector.prepareFours(prepared, fours, columns, vectors);
    }

    /** What a four lacks is the last once more. */
    private FusedDqp inFours(int index) {
        return batch[Math.min(index, batchSize - 1)];
    }

    @Override
    public void run(int share, int thread) {
        TileShare owned = plan.shares().get(share);
        int block = owned.first();
        while (block < owned.end()) {
            int matrix = blocks.matrixOf(block);
            int first = blocks.firstOf(matrix);
            int end = Math.min(owned.end(), first + blocks.weights(matrix).rowBlocks());
            boolean inPieces = batchSize > 4 || greatest != null;
            int count = Math.min(end - block, inPieces ? BLOCKS_IN_CACHE : end - block);
            multiply(matrix, block - first, count, thread);
            for (int i = 0; i < batchSize && greatest != null; i++) {
                long row = (long) (block - first) * Q4nxFormat.BLOCK_ROWS;
                batch[i].greatest.take(share, row, count * Q4nxFormat.BLOCK_ROWS);
            }
            block += count;
        }
    }

    private void multiply(int matrix, int firstBlock, int count, int thread) {
        ProjectionWeights weights = blocks.weights(matrix);
        MemorySegment scratch = context.scratch(thread);
        int next = 0;
        if (fours > 0 && weights.isPacked()) {
            next = Math.min(4 * fours, batchSize);
            MemorySegment[] products = context.products(thread);
            for (int i = 0; i < 4 * fours; i++) {
                products[i] = inFours(i).blocks.output(matrix);
            }
            weights.multiplyFours(
                    context.simd(), firstBlock, count, vectors, fours, products, scratch);
        }
        for (; next < batchSize; next++) {
            weights.multiply(
                    context.simd(),
                    firstBlock,
                    count,
                    batch[next].prepared,
                    batch[next].blocks.output(matrix),
                    (long) firstBlock * Q4nxFormat.BLOCK_ROWS,
                    scratch);
        }
        if (narrow) {
            int rows = count * Q4nxFormat.BLOCK_ROWS;
            long row = (long) firstBlock * Q4nxFormat.BLOCK_ROWS;
            for (int i = 0; i < batchSize; i++) {
                MemorySegment y = batch[i].blocks.output(matrix);
                context.simd().elementwise().scale(y, row, 1, rows, true);
            }
        }
    }
}
