package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.BlockQuantizer.LANES;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import io.djlnpu.numeric.Bfloat16;
import java.util.Arrays;

/**
 * Encodes rows for the least {@link QuadraticForm}: what one column's rounding costs, later columns
 * make up for. Same bytes as any other encoding. Not thread-safe: one instance a thread.
 *
 * <p>First GPTQ (Frantar et al. 2022) in file order: where a group is reached, scale and min are
 * searched for its weights with all errors before them made up for, rounded to bf16, and then its
 * columns are rounded one by one. Then coordinate descent: each group's pair is refitted by least
 * squares over the whole form, and each code moved to where the form is least, which never makes it
 * worse. A group whose weights lie on a grid keeps it.
 *
 * <p><b>Shape</b>: up to 256 rows side by side, arrays {@code [column][row]}. <b>Numerics</b>:
 * float32; pairs are bf16 wherever a code is chosen.
 */
public final class CompensatingEncoder {

    /** Rows that are encoded together. */
    public static final int ROWS = LANES;

    private static final int SWEEPS = 2;

    private static final float LEAST_IMPORTANCE = 1e-4f;

    private final QuadraticForm form;
    private final int columns;
    private final int groups;
    private final int sweeps;
    private final BlockQuantizer search = new SearchQuantizer();
    private final GridFit grids = new GridFit();

    /** Weights and errors {@code w - q}. */
    private final float[][] weights;

    private final float[][] errors;
    private final byte[][] codes;
    private final float[][] scales;
    private final float[][] mins;
    private final boolean[][] kept;

    private final float[][] target = new float[GROUP_COLUMNS][LANES];
    private final float[] block = new float[GROUP_COLUMNS * LANES];
    private final float[] importance = new float[GROUP_COLUMNS * LANES];
    private final byte[] blockCodes = new byte[GROUP_COLUMNS * LANES];
    private final short[] blockScales = new short[LANES];
    private final short[] blockMins = new short[LANES];
    private final float[] change = new float[LANES];
    private final float[] newScale = new float[LANES];
    private final float[] newMin = new float[LANES];
    private final PairRefit refit;

    /**
     * Prepares for matrices over one input.
     *
     * @param form what errors cost
     */
    public CompensatingEncoder(QuadraticForm form) {
        this(form, SWEEPS);
    }

    CompensatingEncoder(QuadraticForm form, int sweeps) {
        this.form = form;
        this.sweeps = sweeps;
        columns = form.columns();
        groups = Math.ceilDiv(columns, GROUP_COLUMNS);
        weights = new float[columns][LANES];
        errors = new float[columns][LANES];
        codes = new byte[columns][LANES];
        scales = new float[groups][LANES];
        mins = new float[groups][LANES];
        kept = new boolean[groups][LANES];
        refit = new PairRefit(form);
    }

    /**
     * Encodes rows.
     *
     * @param rows how many, 1 to {@link #ROWS}
     * @param values {@code [rows, columns]}, row-major, finite
     * @param rowCodes receives {@code [rows, columns]} codes 0..15
     * @param rowScales receives {@code [rows, ceil(columns / 32)]}, values of bf16
     * @param rowMins receives the mins in the order of the scales
     */
    public void encode(
            int rows, float[] values, byte[] rowCodes, float[] rowScales, float[] rowMins) {
        for (int c = 0; c < columns; c++) {
            Arrays.fill(errors[c], 0);
            for (int r = 0; r < LANES; r++) {
                weights[c][r] = values[Math.min(r, rows - 1) * columns + c];
            }
        }
        for (int group = 0; group < groups; group++) {
            begin(group);
        }
        for (int sweep = 0; sweep < sweeps; sweep++) {
            for (int group = 0; group < groups; group++) {
                descend(group);
            }
        }
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                rowCodes[r * columns + c] = codes[c][r];
            }
            for (int group = 0; group < groups; group++) {
                rowScales[r * groups + group] = scales[group][r];
                rowMins[r * groups + group] = mins[group][r];
            }
        }
    }

    private static int width(int group, int columns) {
        return Math.min(GROUP_COLUMNS, columns - group * GROUP_COLUMNS);
    }

    /** Chooses the pairs of a group, then rounds its columns, each after the ones before it. */
    private void begin(int group) {
        int first = group * GROUP_COLUMNS;
        int width = width(group, columns);
        for (int i = 0; i < width; i++) {
            System.arraycopy(weights[first + i], 0, target[i], 0, LANES);
            Rows.add(target[i], LANES, form.feedback[first + i], 1, errors, 0, first);
        }
        choosePairs(group, first, width);
        for (int i = 0; i < width; i++) {
            int column = first + i;
            Rows.add(target[i], LANES, form.feedback[column], 1, errors, first, column);
            round(column, target[i], scales[group], mins[group], kept[group]);
        }
    }

    private void choosePairs(int group, int first, int width) {
        float most = 0;
        for (int i = 0; i < width; i++) {
            most = Math.max(most, form.cost[first + i]);
        }
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            float share = i < width ? form.cost[first + i] / most : 0;
            Arrays.fill(importance, i * LANES, (i + 1) * LANES, Math.max(share, LEAST_IMPORTANCE));
            // a last group that is not full repeats its last weight: the range stays its own
            System.arraycopy(weights[first + Math.min(i, width - 1)], 0, block, i * LANES, LANES);
        }
        Arrays.fill(blockScales, (short) 0);
        Arrays.fill(blockMins, (short) 0);
        grids.keep(block, kept[group], blockScales, blockMins, blockCodes);
        for (int r = 0; r < LANES; r++) {
            if (kept[group][r]) {
                scales[group][r] = Bfloat16.toFloat(blockScales[r]);
                mins[group][r] = Bfloat16.toFloat(blockMins[r]);
                for (int i = 0; i < width; i++) {
                    codes[first + i][r] = blockCodes[i * LANES + r];
                }
            }
        }
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            System.arraycopy(target[Math.min(i, width - 1)], 0, block, i * LANES, LANES);
        }
        search.quantize(block, importance, blockScales, blockMins, blockCodes);
        for (int r = 0; r < LANES; r++) {
            if (!kept[group][r]) {
                scales[group][r] = Bfloat16.toFloat(blockScales[r]);
                mins[group][r] = Bfloat16.toFloat(blockMins[r]);
            }
        }
    }

    private void round(int column, float[] wanted, float[] scale, float[] min, boolean[] keep) {
        byte[] code = codes[column];
        float[] error = errors[column];
        float[] weight = weights[column];
        for (int r = 0; r < LANES; r++) {
            if (!keep[r]) {
                code[r] = nearest(wanted[r], scale[r], min[r]);
            }
            error[r] = weight[r] - (scale[r] * code[r] + min[r]);
        }
    }

    private static byte nearest(float wanted, float scale, float min) {
        float at = scale > 0 ? (wanted - min) / scale + 0.5f : 0;
        return (byte) Math.clamp((int) at, 0, MAX_CODE);
    }

    /** Improves a group with all others as they are; {@code target} is half the gradient. */
    private void descend(int group) {
        int first = group * GROUP_COLUMNS;
        int width = width(group, columns);
        for (int i = 0; i < width; i++) {
            Arrays.fill(target[i], 0);
            Rows.add(target[i], LANES, form.hessian[first + i], 1, errors, 0, columns);
        }
        float[] scale = scales[group];
        float[] min = mins[group];
        refit.pairs(first, width, codes, target, scale, min, newScale, newMin);
        for (int r = 0; r < LANES; r++) {
            if (kept[group][r]) {
                newScale[r] = scale[r];
                newMin[r] = min[r];
            }
        }
        for (int i = 0; i < width; i++) {
            byte[] code = codes[first + i];
            for (int r = 0; r < LANES; r++) {
                change[r] = newScale[r] * code[r] + newMin[r] - (scale[r] * code[r] + min[r]);
            }
            move(first, width, i);
        }
        System.arraycopy(newScale, 0, scale, 0, LANES);
        System.arraycopy(newMin, 0, min, 0, LANES);
        for (int i = 0; i < width; i++) {
            improve(first + i, target[i], scale, min, kept[group]);
            move(first, width, i);
        }
    }

    /** Takes the change of a column's values out of the errors and the group's gradient. */
    private void move(int first, int width, int i) {
        Rows.one(errors[first + i], LANES, -1, change);
        float[] row = form.hessian[first + i];
        for (int k = 0; k < width; k++) {
            Rows.one(target[k], LANES, -row[first + k], change);
        }
    }

    private void improve(int column, float[] gradient, float[] scale, float[] min, boolean[] keep) {
        byte[] code = codes[column];
        float inverse = 1 / form.hessian[column][column];
        for (int r = 0; r < LANES; r++) {
            float now = scale[r] * code[r] + min[r];
            byte better =
                    keep[r] ? code[r] : nearest(now + gradient[r] * inverse, scale[r], min[r]);
            change[r] = scale[r] * (better - code[r]);
            code[r] = better;
        }
    }
}
