package io.djlnpu.kernel;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.simd.Panels;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * The prefill projection: weights expanded by the {@link DequantEngine}, times a chunk of tokens.
 *
 * <p><b>Shape</b>: {@code [tokens, columns] x [rows, columns]^T -> [tokens, rows]} for one or
 * several matrices over one input. <b>Numerics</b>: float32 sums over ascending columns, the same
 * for a token in whatever chunk it comes; the result is narrowed as the session says.
 * <b>Source</b>: paper, tiled matrix multiply.
 */
public final class TiledMatmul {

    private final KernelContext context;
    private final RowBlocks<Projection> blocks;
    private final MemorySegment packed;
    private final MemorySegment[] sums;
    private final int tileTokens;
    private final TileExecutor.Task pack = this::pack;
    private final TileExecutor.Task multiply = this::multiply;
    private MemorySegment input;
    private int tokens;

    /**
     * Binds the kernel to its weights and buffers.
     *
     * @param context what the session's kernels share
     * @param packed scratch of {@link #packedLength} floats, free between runs
     * @param sums for each thread {@link #sumsLength} floats, free between runs
     * @param weights matrices over the same input
     * @param outputs one {@code [tokens, rows]} a matrix
     */
    public TiledMatmul(
            KernelContext context,
            MemorySegment packed,
            MemorySegment[] sums,
            Projection[] weights,
            MemorySegment[] outputs) {
        this.context = context;
        this.packed = packed;
        this.sums = sums.clone();
        tileTokens = context.simd().panels().tokens();
        blocks = new RowBlocks<>(weights, outputs);
    }

    /**
     * Returns the floats of packed input.
     *
     * @param maxTokens tokens of the largest chunk
     * @param columns the most inputs
     * @return floats
     */
    public static int packedLength(int maxTokens, int columns) {
        return Math.multiplyExact(inTiles(maxTokens), Q4nxFormat.paddedColumns(columns));
    }

    /**
     * Returns the floats of one thread's sums.
     *
     * @param maxTokens tokens of the largest chunk
     * @return floats
     */
    public static int sumsLength(int maxTokens) {
        return inTiles(maxTokens) * Panels.ROWS;
    }

    /** Tokens with the last tile's padding, however many a tile has. */
    private static int inTiles(int tokens) {
        return tokens + Panels.MAX_TOKENS - 1;
    }

    /**
     * Plans the product; a unit is a core's tile of tokens by outputs, whose sides the plan
     * chooses.
     *
     * @param device the device
     * @param tokens tokens of the chunk
     * @param rows outputs, a multiple of 32
     * @param columns inputs
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int tokens, int rows, int columns) {
        return Megatile.plan(device, tokens, rows, Q4nxFormat.paddedColumns(columns));
    }

    /**
     * Multiplies.
     *
     * @param x {@code [tokenCount, columns]}
     * @param tokenCount tokens of this chunk
     */
    public void run(MemorySegment x, int tokenCount) {
        input = x;
        tokens = tokenCount;
        context.executor().run(Math.ceilDiv(tokenCount, tileTokens), pack);
        context.executor().run(blocks.total(), multiply);
    }

    private void pack(int tile, int thread) {
        int first = tile * tileTokens;
        int columns = blocks.columns();
        int padded = blocks.paddedColumns();
        context.simd()
                .panels()
                .pack(
                        input,
                        (long) first * columns,
                        columns,
                        padded,
                        Math.min(tileTokens, tokens - first),
                        packed,
                        (long) first * padded);
    }

    /** A row block for all tokens: it is expanded once, and stays in cache for them. */
    private void multiply(int block, int thread) {
        int matrix = blocks.matrixOf(block);
        rowBlock(
                blocks.weights(matrix),
                block - blocks.firstOf(matrix),
                blocks.output(matrix),
                thread);
    }

    private void rowBlock(Projection weights, int rowBlock, MemorySegment y, int thread) {
        Panels panels = context.simd().panels();
        MemorySegment panel = context.panel(thread);
        MemorySegment total = sums[thread];
        total.fill((byte) 0);
        long tileFloats = (long) weights.paddedColumns() * tileTokens;
        for (int b = 0; b < weights.columnBlocks(); b++) {
            int columns =
                    DequantEngine.run(
                            context.simd(),
                            weights,
                            rowBlock,
                            b,
                            context.narrow(),
                            panel,
                            context.scratch(thread));
            long first = (long) b * Panels.COLUMNS * tileTokens;
            panels.multiplyAdd(panel, columns, packed, first, tileFloats, tokens, total);
        }
        long row = (long) rowBlock * Panels.ROWS;
        panels.store(total, tokens, context.narrow(), y, row, weights.rows());
    }
}
