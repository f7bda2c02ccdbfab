package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.simd.Panels;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

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
    private final RowBlocks blocks;
    private final float[] packed;
    private final float[][] sums;
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
            float[] packed,
            float[][] sums,
            ProjectionWeights[] weights,
            MemorySegment[] outputs) {
        this.context = context;
        this.packed = packed;
        this.sums = sums.clone();
        tileTokens = context.simd().panels().tokens();
        blocks = new RowBlocks(weights, outputs);
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
        int columns = blocks.columns();
        int padded = blocks.paddedColumns();
        int target = tile * padded * tileTokens;
        for (int t = 0; t < tileTokens; t++) {
            int token = tile * tileTokens + t;
            if (token >= tokens) {
                continue;
            }
            long source = (long) token * columns;
            for (int c = 0; c < columns; c++) {
                float value = input.getAtIndex(JAVA_FLOAT, source + c);
                packed[target + c * tileTokens + t] = value;
            }
            for (int c = columns; c < padded; c++) {
                packed[target + c * tileTokens + t] = 0;
            }
        }
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

    private void rowBlock(ProjectionWeights weights, int rowBlock, MemorySegment y, int thread) {
        Panels panels = context.simd().panels();
        MemorySegment panel = context.panel(thread);
        float[] total = sums[thread];
        int tiles = Math.ceilDiv(tokens, tileTokens);
        Arrays.fill(total, 0, tiles * tileTokens * Panels.ROWS, 0);
        int tileFloats = weights.paddedColumns() * tileTokens;
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
            for (int tile = 0; tile < tiles; tile++) {
                panels.multiplyAdd(
                        panel,
                        columns,
                        packed,
                        tile * tileFloats + b * Panels.COLUMNS * tileTokens,
                        Math.min(tileTokens, tokens - tile * tileTokens),
                        total,
                        tile * tileTokens * Panels.ROWS);
            }
        }
        for (int t = 0; t < tokens; t++) {
            long row = (long) t * weights.rows() + (long) rowBlock * Panels.ROWS;
            panels.store(total, t * Panels.ROWS, context.narrow(), y, row);
        }
    }
}
