package io.djlnpu.aie2p;

import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_GROUPS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_ROWS;
import static io.djlnpu.q4nx.Q4nxFormat.CODES_OFFSET;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.HALF_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.MINS_OFFSET;

/**
 * The decode projection of a Q4NX block: 32 rows by 256 columns times a vector. No weight is
 * formed; each group of 32 columns gives a sum of codes times inputs, which scale and min make a
 * product.
 *
 * <p><b>Numerics</b>: the group's sum in order, float32, then <em>narrowed</em> by {@link Floor};
 * the sum of its inputs by {@link TreeSum} of 32 lanes, narrowed; scale and min add one after the
 * other, a rounding each, to a float32 that runs on from block to block.
 */
public final class GroupProduct {

    private GroupProduct() {}

    /**
     * Adds up the inputs of each group of a block.
     *
     * @param x the inputs, bf16
     * @param index of the block's first
     * @param sums receives 8 sums, bf16
     * @param at the first one's index
     */
    public static void inputSums(float[] x, int index, float[] sums, int at) {
        for (int g = 0; g < BLOCK_GROUPS; g++) {
            sums[at + g] =
                    Floor.bf16(
                            TreeSum.of(
                                    x, index + g * GROUP_COLUMNS, GROUP_COLUMNS, TreeSum.LANES_32));
        }
    }

    /**
     * Adds a block's products to its rows' sums.
     *
     * @param memory holds the block
     * @param block where it starts
     * @param x the inputs, bf16
     * @param index of the block's first
     * @param inputSums of its groups
     * @param sumsAt the first one's index
     * @param rows 32 running sums, float32
     * @param rowsAt the first one's index
     */
    public static void accumulate(
            byte[] memory,
            int block,
            float[] x,
            int index,
            float[] inputSums,
            int sumsAt,
            float[] rows,
            int rowsAt) {
        float[] dots = new float[BLOCK_ROWS];
        for (int g = 0; g < BLOCK_GROUPS; g++) {
            groupDots(memory, block, g, x, index + g * GROUP_COLUMNS, dots);
            for (int r = 0; r < BLOCK_ROWS; r++) {
                int pair = block + 2 * (g * BLOCK_ROWS + r);
                float sum = rows[rowsAt + r] + Floor.bf16(dots[r]) * bf16(memory, pair);
                rows[rowsAt + r] = sum + bf16(memory, pair + MINS_OFFSET) * inputSums[sumsAt + g];
            }
        }
    }

    /** Codes times inputs of a group, all rows, before they are narrowed. */
    static void groupDots(byte[] memory, int block, int group, float[] x, int index, float[] dots) {
        java.util.Arrays.fill(dots, 0);
        for (int c = 0; c < GROUP_COLUMNS; c++) {
            float input = x[index + c];
            int column = block + CODES_OFFSET + (group * GROUP_COLUMNS + c) * 8;
            for (int k = 0; k < BLOCK_ROWS / 4; k++) {
                int upper = memory[column + k];
                int lower = memory[column + HALF_BYTES + k];
                dots[2 * k] += (upper & 15) * input;
                dots[2 * k + 1] += (upper >> 4 & 15) * input;
                dots[16 + 2 * k] += (lower & 15) * input;
                dots[17 + 2 * k] += (lower >> 4 & 15) * input;
            }
        }
    }

    private static float bf16(byte[] memory, int at) {
        return Float.intBitsToFloat((memory[at] & 0xff) << 16 | memory[at + 1] << 24);
    }
}
