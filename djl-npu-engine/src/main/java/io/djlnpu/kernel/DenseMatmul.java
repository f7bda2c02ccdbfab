package io.djlnpu.kernel;

import io.djlnpu.simd.TokenPanels;
import io.djlnpu.simd.TokenPanels.Finish;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tiled matrix product of the vision tower: weights that need no dequantisation, a bias, and
 * what follows at once (GELU, or the residual sum).
 *
 * <p><b>Shape</b>: tokens lie in panels of 32, {@code [panels][width][32]}; {@code [columns]} a
 * token become {@code [rows]}, for one or several matrices over one input. <b>Numerics</b>: {@link
 * TokenPanels}; float32 sums over ascending columns. <b>Source</b>: paper, tiled matrix multiply.
 */
public final class DenseMatmul {

    /** Panels of one task: 1,024 tokens, whose sums stay in the second cache. */
    private static final int TASK_PANELS = 32;

    private static final int BLOCK_ROWS = 32;

    /** Row blocks of one task, which share a panel while it is in the first cache. */
    private static final int TASK_BLOCKS = 4;

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
    private final List<Piece> pieces = new ArrayList<>();
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
            sums = new float[threads][TASK_PANELS * TASK_BLOCKS * BLOCK_ROWS * TokenPanels.TOKENS];
            tiles = new float[threads][TASK_BLOCKS * BLOCK_ROWS * DEPTH];
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
        for (int m = 0; m < weights.length; m++) {
            for (int block = 0; block < blocks(weights[m]); block += TASK_BLOCKS) {
                pieces.add(new Piece(m, block * BLOCK_ROWS));
            }
        }
    }

    /** Some row blocks of one matrix: the units of a few tiles, taken together on the host. */
    private record Piece(int matrix, int firstRow) {}

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
     * @param panels how many
     */
    public void run(MemorySegment x, int firstInput, int firstOutput, int panels) {
        input = x;
        inputPanel = firstInput;
        outputPanel = firstOutput;
        panelCount = panels;
        context.executor().run(pieces.size() * Math.ceilDiv(panels, TASK_PANELS), multiply);
    }

    private void multiply(int task, int thread) {
        Piece piece = pieces.get(task % pieces.size());
        int first = task / pieces.size() * TASK_PANELS;
        multiply(piece, first, Math.min(TASK_PANELS, panelCount - first), thread);
    }

    private void multiply(Piece piece, int firstPanel, int count, int thread) {
        TokenPanels panels = context.simd().tokenPanels();
        DenseWeights source = weights[piece.matrix];
        float[] tiles = scratch.tiles[thread];
        float[] sums = scratch.sums[thread];
        int rows = Math.min(TASK_BLOCKS * BLOCK_ROWS, source.rows() - piece.firstRow);
        int tileCount = Math.ceilDiv(rows, TokenPanels.ROWS);
        int sumFloats = tileCount * TokenPanels.ROWS * TokenPanels.TOKENS;
        Arrays.fill(sums, 0, count * sumFloats, 0);
        for (int column = 0; column < columns; column += DEPTH) {
            int depth = Math.min(DEPTH, columns - column);
            for (int i = 0; i < tileCount; i++) {
                source.layOut(
                        panels,
                        piece.firstRow + i * TokenPanels.ROWS,
                        column,
                        tiles,
                        i * DEPTH * TokenPanels.ROWS);
            }
            for (int p = 0; p < count; p++) {
                long panel =
                        ((long) (inputPanel + firstPanel + p) * columns + column)
                                * TokenPanels.TOKENS;
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
        for (int p = 0; p < count; p++) {
            long panel = (long) outputPanel + firstPanel + p;
            panels.finish(
                    sums,
                    p * sumFloats,
                    rows,
                    biases[piece.matrix],
                    piece.firstRow,
                    finish,
                    context.narrow(),
                    outputs[piece.matrix],
                    (panel * source.rows() + piece.firstRow) * TokenPanels.TOKENS);
        }
    }
}
