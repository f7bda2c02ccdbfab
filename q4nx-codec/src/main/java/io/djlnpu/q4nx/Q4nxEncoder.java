package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.BlockQuantizer.LANES;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_GROUPS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_ROWS;
import static io.djlnpu.q4nx.Q4nxFormat.CODES_OFFSET;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.HALF_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.MINS_OFFSET;

import io.djlnpu.numeric.Bfloat16;
import java.util.Arrays;
import java.util.Objects;

/**
 * Encodes strips of 32 rows, the smallest unit of Q4NX that has all columns. Not thread-safe: one
 * instance a thread.
 *
 * <p><b>Shape</b>: a strip is {@code [32, columns]} in and {@code paddedColumns / 256} blocks of
 * 5120 bytes out.
 */
public final class Q4nxEncoder {

    /** Beside a group's most important column; keeps the sums of least squares apart from zero. */
    private static final float LEAST_IMPORTANCE = 1e-6f;

    private final BlockQuantizer quantizer;
    private final GridFit grids;
    private final boolean[] onGrid = new boolean[LANES];
    private long gridGroups;
    private final float[] lanes = new float[GROUP_COLUMNS * LANES];
    private final float[] laneImportance = new float[GROUP_COLUMNS * LANES];
    private final byte[] laneCodes = new byte[lanes.length];
    private final short[] scales = new short[LANES];
    private final short[] mins = new short[LANES];

    /**
     * Constructs an encoder.
     *
     * @param encoding how float weights are quantised
     */
    public Q4nxEncoder(Encoding encoding) {
        quantizer = encoding.quantizer();
        grids = encoding.weighsColumns() ? new GridFit() : null;
    }

    /**
     * Quantises a strip of float weights.
     *
     * @param weights {@code [32, columns]}, row-major, finite
     * @param columns logical columns
     * @param blocks receives the strip's blocks from index 0
     */
    public void encode(float[] weights, int columns, byte[] blocks) {
        encode(weights, columns, null, blocks);
    }

    /**
     * Quantises a strip of float weights, the errors of some columns being worse than those of
     * others. {@link Encoding#MINMAX} and {@link Encoding#Q4_0} know no importance.
     *
     * @param weights {@code [32, columns]}, row-major, finite
     * @param columns logical columns
     * @param importance {@code [columns]}: what a column's squared errors count; finite, not
     *     negative. Ratios within a group of 32 matter, the unit does not. Null if all count the
     *     same
     * @param blocks receives the strip's blocks from index 0
     */
    public void encode(float[] weights, int columns, float[] importance, byte[] blocks) {
        Objects.checkFromIndexSize(0, BLOCK_ROWS * columns, weights.length);
        if (importance != null) {
            Objects.checkFromIndexSize(0, columns, importance.length);
        }
        clear(columns, blocks);
        for (int first = 0; first < columns; first += BLOCK_COLUMNS) {
            gather(weights, columns, first);
            if (importance != null) {
                gatherImportance(importance, columns, first);
            }
            float[] each = importance == null ? null : laneImportance;
            quantizer.quantize(lanes, each, scales, mins, laneCodes);
            if (grids != null) {
                gridGroups += keepGrids(first, columns);
            }
            scatter(blocks, first, columns);
        }
    }

    private int keepGrids(int first, int columns) {
        int found = 0;
        grids.keep(lanes, onGrid, scales, mins, laneCodes);
        int groups = Math.min(BLOCK_GROUPS, Math.ceilDiv(columns - first, GROUP_COLUMNS));
        for (int lane = 0; lane < groups * BLOCK_ROWS; lane++) {
            found += onGrid[lane] ? 1 : 0;
        }
        return found;
    }

    /**
     * Returns how many groups were found to lie on a grid of 16 levels, since this encoder was
     * made; they keep every code. Groups of equal weights are not counted.
     *
     * @return groups; 0 for an encoding that does not look
     */
    public long gridGroups() {
        return gridGroups;
    }

    /** The most important column of a group counts 1, a repeated or dead one next to nothing. */
    private void gatherImportance(float[] importance, int columns, int first) {
        for (int group = 0; group < BLOCK_GROUPS; group++) {
            int from = Math.min(columns, first + group * GROUP_COLUMNS);
            int count = Math.min(GROUP_COLUMNS, columns - from);
            float most = 0;
            for (int i = 0; i < count; i++) {
                most = Math.max(most, importance[from + i]);
            }
            for (int i = 0; i < GROUP_COLUMNS; i++) {
                float share = i >= count ? 0 : most == 0 ? 1 : importance[from + i] / most;
                int lane = i * LANES + group * BLOCK_ROWS;
                Arrays.fill(
                        laneImportance, lane, lane + BLOCK_ROWS, Math.max(share, LEAST_IMPORTANCE));
            }
        }
    }

    private void gather(float[] weights, int columns, int first) {
        for (int lane = 0; lane < LANES; lane++) {
            int column = first + lane / BLOCK_ROWS * GROUP_COLUMNS;
            int row = lane % BLOCK_ROWS * columns;
            for (int i = 0; i < GROUP_COLUMNS; i++) {
                // a last group that is not full repeats its last weight: the range stays its own
                int source = Math.min(column + i, columns - 1);
                lanes[i * LANES + lane] = weights[row + source];
            }
        }
    }

    private void scatter(byte[] blocks, int first, int columns) {
        int block = first / BLOCK_COLUMNS * BLOCK_BYTES;
        int groups = Math.min(BLOCK_GROUPS, Math.ceilDiv(columns - first, GROUP_COLUMNS));
        for (int lane = 0; lane < groups * BLOCK_ROWS; lane++) {
            putShort(blocks, block + 2 * lane, scales[lane]);
            putShort(blocks, block + 2 * lane + MINS_OFFSET, mins[lane]);
        }
        for (int column = 0; column < Math.min(BLOCK_COLUMNS, columns - first); column++) {
            int source = column % GROUP_COLUMNS * LANES + column / GROUP_COLUMNS * BLOCK_ROWS;
            for (int row = 0; row < BLOCK_ROWS; row += 2) {
                int pair = laneCodes[source + row] | laneCodes[source + row + 1] << 4;
                int half = row / 16 * HALF_BYTES;
                blocks[block + CODES_OFFSET + half + column * 8 + row % 16 / 2] = (byte) pair;
            }
        }
    }

    /**
     * Carries over a strip that already is 4-bit; only scales and mins are rounded to bf16.
     *
     * @param sourceCodes {@code [32, columns]}, 0..15
     * @param scales {@code [32, ceil(columns / 32)]}
     * @param mins in the order of the scales
     * @param columns logical columns
     * @param blocks receives the strip's blocks from index 0
     */
    public void carryOver(
            byte[] sourceCodes, float[] scales, float[] mins, int columns, byte[] blocks) {
        clear(columns, blocks);
        int groups = Math.ceilDiv(columns, GROUP_COLUMNS);
        for (int row = 0; row < BLOCK_ROWS; row++) {
            for (int g = 0; g < groups; g++) {
                int first = g * GROUP_COLUMNS;
                int count = Math.min(GROUP_COLUMNS, columns - first);
                int pair = row * groups + g;
                short scale = Bfloat16.fromFloat(scales[pair]);
                short min = Bfloat16.fromFloat(mins[pair]);
                put(blocks, row, first, count, scale, min, sourceCodes, row * columns + first);
            }
        }
    }

    private static void clear(int columns, byte[] blocks) {
        int bytes = Q4nxFormat.paddedColumns(columns) / BLOCK_COLUMNS * BLOCK_BYTES;
        Objects.checkFromIndexSize(0, bytes, blocks.length);
        Arrays.fill(blocks, 0, bytes, (byte) 0);
    }

    private static void put(
            byte[] blocks,
            int row,
            int column,
            int count,
            short scale,
            short min,
            byte[] codes,
            int codesOffset) {
        int block = column / BLOCK_COLUMNS * BLOCK_BYTES;
        int inBlock = column % BLOCK_COLUMNS;
        int pair = block + 2 * (inBlock / GROUP_COLUMNS * BLOCK_ROWS + row);
        putShort(blocks, pair, scale);
        putShort(blocks, pair + MINS_OFFSET, min);
        int target = block + CODES_OFFSET + row / 16 * HALF_BYTES + inBlock * 8 + row % 16 / 2;
        int shift = (row & 1) * 4;
        for (int i = 0; i < count; i++) {
            blocks[target + 8 * i] |= (byte) (codes[codesOffset + i] << shift);
        }
    }

    private static void putShort(byte[] bytes, int offset, short value) {
        bytes[offset] = (byte) value;
        bytes[offset + 1] = (byte) (value >>> 8);
    }
}
