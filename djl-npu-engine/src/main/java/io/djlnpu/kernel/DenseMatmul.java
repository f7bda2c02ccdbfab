package io.djlnpu.kernel;

import io.djlnpu.simd.TokenPanels;
import io.djlnpu.simd.TokenPanels.Finish;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileShare;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The tiled matrix product of the vision tower: weights that need no dequantisation, a bias, and
 * what follows at once (GELU, or the residual sum).
 *
 * <p><b>Shape</b>: tokens lie in panels of 32, {@code [panels][width][32]}; {@code [columns]} a
 * token become {@code [rows]}, for one or several matrices over one input. <b>Numerics</b>: {@link
 * TokenPanels}; float32 sums over ascending columns. <b>Source</b>: paper, tiled matrix multiply.
 */
public final class DenseMatmul {

    /** Panels that go through together: 1,024 tokens, whose sums stay in the second cache. */
    public static final int MAX_PANELS = 32;

    private static final int BLOCK_ROWS = 32;

    /** Row blocks that share a panel while it is in the first cache. */
    private static final int MAX_BLOCKS = 4;

    /** The part of the columns whose panel fits the first cache beside the weights. */
    private static final int DEPTH = DenseWeights.COLUMNS;

    private final KernelContext context;
    private final Scratch scratch;
    private final DenseWeights[] weights;
    private final float[][] biases;
    private final Finish finish;
    private final MemorySegment[] outputs;
    private final int columns;
    private final DataflowPlan plan;
    private final TileExecutor.Task multiply = this::multiply;
    private MemorySegment input;
    private int inputPanel;
    private int outputPanel;
    private int panelCount;

    /** Each thread's sums and laid-out weights; free between runs, so shared by all products. */
    public static final class Scratch {

        private final float[][] sums;
        private final float[][] tiles;

        /**
         * Allocates the scratch.
         *
         * @param context what the kernels share
         */
        public Scratch(KernelContext context) {
            int threads = context.executor().threads();
            sums = new float[threads][MAX_PANELS * MAX_BLOCKS * BLOCK_ROWS * TokenPanels.TOKENS];
            tiles = new float[threads][MAX_BLOCKS * BLOCK_ROWS * DEPTH];
        }
    }

    /**
     * Binds the kernel to its weights and buffers.
     *
     * @param context what the kernels share
     * @param scratch shared by products that do not run at the same time
     * @param tokens tokens of the whole product, over all runs
     * @param weights matrices over the same input
     * @param biases one a matrix, one value a row
     * @param finish how results leave
     * @param outputs one {@code [panels][rows][32]} a matrix
     */
    public DenseMatmul(
            KernelContext context,
            Scratch scratch,
            int tokens,
            DenseWeights[] weights,
            float[][] biases,
            Finish finish,
            MemorySegment[] outputs) {
        this.context = context;
        this.scratch = scratch;
        this.weights = weights.clone();
        this.biases = biases.clone();
        this.finish = finish;
        this.outputs = outputs.clone();
        columns = weights[0].columns();
        int rows = 0;
        for (DenseWeights matrix : weights) {
            if (matrix.columns() != columns) {
                throw new IllegalArgumentException(
                        "matrices of %d and %d columns are fused over one input"
                                .formatted(columns, matrix.columns()));
            }
            rows += blocks(matrix) * BLOCK_ROWS;
        }
        plan = plan(context.device(), tokens, rows, columns);
    }

    private static int blocks(DenseWeights matrix) {
        return Math.ceilDiv(matrix.rows(), BLOCK_ROWS);
    }

    /**
     * Plans the product; a unit is a block of 32 rows.
     *
     * @param device the device
     * @param tokens tokens
     * @param rows outputs
     * @param columns inputs
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int tokens, int rows, int columns) {
        int padded = Math.ceilDiv(rows, BLOCK_ROWS) * BLOCK_ROWS;
        return TiledMatmul.plan(device, tokens, padded, columns).named("VisionMatmul");
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
     * Multiplies.
     *
     * @param x {@code [panels][columns][32]}
     * @param firstInput the first panel of the input
     * @param firstOutput the first panel of the outputs
     * @param panels how many, at most {@link #MAX_PANELS}
     */
    public void run(MemorySegment x, int firstInput, int firstOutput, int panels) {
        input = x;
        inputPanel = firstInput;
        outputPanel = firstOutput;
        panelCount = panels;
        context.executor().run(plan.shares().size(), multiply);
    }

    private void multiply(int share, int thread) {
        TileShare owned = plan.shares().get(share);
        int before = 0;
        for (int m = 0; m < weights.length; m++) {
            int first = Math.max(owned.first() - before, 0);
            int end = Math.min(owned.end() - before, blocks(weights[m]));
            for (int block = first; block < end; block += MAX_BLOCKS) {
                rows(m, block * BLOCK_ROWS, Math.min(MAX_BLOCKS, end - block), thread);
            }
            before += blocks(weights[m]);
        }
    }

    private void rows(int matrix, int firstRow, int blocks, int thread) {
        TokenPanels panels = context.simd().tokenPanels();
        DenseWeights source = weights[matrix];
        float[] tiles = scratch.tiles[thread];
        float[] sums = scratch.sums[thread];
        int rows = Math.min(blocks * BLOCK_ROWS, source.rows() - firstRow);
        int tileCount = Math.ceilDiv(rows, TokenPanels.ROWS);
        int sumFloats = tileCount * TokenPanels.ROWS * TokenPanels.TOKENS;
        Arrays.fill(sums, 0, panelCount * sumFloats, 0);
        for (int column = 0; column < columns; column += DEPTH) {
            int depth = Math.min(DEPTH, columns - column);
            for (int i = 0; i < tileCount; i++) {
                source.layOut(
                        panels,
                        firstRow + i * TokenPanels.ROWS,
                        column,
                        tiles,
                        i * DEPTH * TokenPanels.ROWS);
            }
            for (int p = 0; p < panelCount; p++) {
                long panel = ((long) (inputPanel + p) * columns + column) * TokenPanels.TOKENS;
                for (int i = 0; i < tileCount; i++) {
                    panels.multiplyAdd(
                            input,
                            panel,
                            depth,
                            tiles,
                            i * DEPTH * TokenPanels.ROWS,
                            sums,
                            p * sumFloats + i * TokenPanels.ROWS * TokenPanels.TOKENS);
                }
            }
        }
        for (int p = 0; p < panelCount; p++) {
            long row = (long) (outputPanel + p) * source.rows() + firstRow;
            panels.finish(
                    sums,
                    p * sumFloats,
                    rows,
                    biases[matrix],
                    firstRow,
                    finish,
                    context.narrow(),
                    outputs[matrix],
                    row * TokenPanels.TOKENS);
        }
    }
}
