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

    /** Rows that a plan's unit covers. */
    private static final int BLOCK_ROWS = 32;

    /** Laid-out weights: 8 MB, which the last cache holds for all panels. */
    private static final int WEIGHTS = 1 << 21;

    /** Most rows of a piece: enough to pay for bringing a panel in. */
    private static final int PIECE_ROWS = 640;

    /** The part of the columns whose panel fits the second cache beside the weights. */
    private static final int DEPTH = 640;

    private final KernelContext context;
    private final Scratch scratch;
    private final DenseWeights[] weights;
    private final float[][] biases;
    private final Finish finish;
    private final MemorySegment[] outputs;
    private final int columns;
    private final int tileRows;
    private final int tileFloats;
    private final DataflowPlan plan;
    private final List<Piece> pieces = new ArrayList<>();
    private final TileExecutor.Task layOut = this::layOut;
    private final TileExecutor.Task multiply = this::multiply;
    private Piece piece;
    private MemorySegment input;
    private int inputPanel;
    private int outputPanel;

    /** Laid-out weights and each thread's sums; free between runs, so shared by all products. */
    public static final class Scratch {

        private final MemorySegment tiles;
        private final MemorySegment[] sums;

        /**
         * Allocates the scratch.
         *
         * @param context what the kernels share
         */
        public Scratch(KernelContext context) {
            tiles = context.floats(WEIGHTS);
            sums = new MemorySegment[context.executor().threads()];
            Arrays.setAll(sums, i -> context.floats(PIECE_ROWS * TokenPanels.TOKENS));
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
        tileRows = context.simd().tokenPanels().tileRows();
        tileFloats =
                Math.multiplyExact(
                        Math.ceilDiv(columns, DenseWeights.COLUMNS),
                        tileRows * DenseWeights.COLUMNS);
        int most = Math.min(PIECE_ROWS / tileRows, WEIGHTS / tileFloats);
        if (most == 0) {
            throw new IllegalArgumentException(
                    columns + " columns are more than the scratch holds");
        }
        int rows = 0;
        for (DenseWeights matrix : weights) {
            if (matrix.columns() != columns) {
                throw new IllegalArgumentException(
                        "matrices of %d and %d columns are fused over one input"
                                .formatted(columns, matrix.columns()));
            }
            rows += Math.ceilDiv(matrix.rows(), BLOCK_ROWS) * BLOCK_ROWS;
        }
        plan = plan(context.device(), tokens, rows, columns);
        for (int m = 0; m < weights.length; m++) {
            int tiles = Math.ceilDiv(weights[m].rows(), tileRows);
            int step = Math.ceilDiv(tiles, Math.ceilDiv(tiles, most)) * tileRows;
            for (int row = 0; row < weights[m].rows(); row += step) {
                pieces.add(new Piece(m, row, Math.min(step, weights[m].rows() - row)));
            }
        }
    }

    /** Some rows of one matrix, whose weights are laid out together. */
    private record Piece(int matrix, int firstRow, int rows) {}

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
        for (Piece next : pieces) {
            piece = next;
            context.executor().run(Math.ceilDiv(next.rows, tileRows), layOut);
            context.executor().run(panels, multiply);
        }
    }

    private void layOut(int tile, int thread) {
        TokenPanels panels = context.simd().tokenPanels();
        DenseWeights source = weights[piece.matrix];
        long target = (long) tile * tileFloats;
        int first = tile * tileRows;
        int count = Math.min(tileRows, piece.rows - first);
        if (count < tileRows) {
            scratch.tiles.asSlice(4 * target, 4L * tileFloats).fill((byte) 0);
        }
        for (int r = 0; r < count; r++) {
            for (int column = 0; column < columns; column += DenseWeights.COLUMNS) {
                source.layOut(
                        panels,
                        piece.firstRow + first + r,
                        column,
                        scratch.tiles,
                        target + (long) column * tileRows + r);
            }
        }
    }

    private void multiply(int panel, int thread) {
        TokenPanels panels = context.simd().tokenPanels();
        MemorySegment sums = scratch.sums[thread];
        int rows = weights[piece.matrix].rows();
        int tiles = Math.ceilDiv(piece.rows, tileRows);
        sums.asSlice(0, 4L * tiles * tileRows * TokenPanels.TOKENS).fill((byte) 0);
        for (int column = 0; column < columns; column += DEPTH) {
            panels.multiplyAdd(
                    input,
                    ((long) (inputPanel + panel) * columns + column) * TokenPanels.TOKENS,
                    Math.min(DEPTH, columns - column),
                    scratch.tiles,
                    (long) column * tileRows,
                    tileFloats,
                    tiles,
                    sums,
                    0);
        }
        panels.finish(
                sums,
                0,
                piece.rows,
                biases[piece.matrix],
                piece.firstRow,
                finish,
                context.narrow(),
                outputs[piece.matrix],
                ((long) (outputPanel + panel) * rows + piece.firstRow) * TokenPanels.TOKENS);
    }
}
