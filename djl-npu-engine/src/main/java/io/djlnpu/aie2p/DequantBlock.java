package io.djlnpu.aie2p;

import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_ROWS;
import static io.djlnpu.q4nx.Q4nxFormat.CODES_OFFSET;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.HALF_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.MINS_OFFSET;

/**
 * The dequantisation engine's work on a Q4NX block, for matrix products.
 *
 * <p><b>Numerics</b>: scale times code is exact, the min is added with one float32 rounding, and
 * the sum narrowed by {@link Floor}; then eight columns of a row become a {@link BlockFloat}.
 * <b>Shape</b>: blocks in the matrix unit's order, {@code [column / 128][row / 8][column / 8 %
 * 16][row % 8]}.
 */
public final class DequantBlock {

    /** Bytes of the result. */
    public static final int BYTES = BLOCK_ROWS * BLOCK_COLUMNS / BlockFloat.SIZE * BlockFloat.BYTES;

    private static final int PANEL_COLUMNS = 128;

    private DequantBlock() {}

    /**
     * Dequantises a block.
     *
     * @param memory holds the block
     * @param block where it starts
     * @param weights receives {@code [32, 256]}, bf16
     */
    public static void weights(byte[] memory, int block, float[] weights) {
        for (int c = 0; c < BLOCK_COLUMNS; c++) {
            for (int r = 0; r < BLOCK_ROWS; r++) {
                weights[r * BLOCK_COLUMNS + c] = Floor.bf16(weight(memory, block, r, c));
            }
        }
    }

    /** One weight before it is narrowed. */
    static float weight(byte[] memory, int block, int row, int column) {
        int pair = block + 2 * (column / GROUP_COLUMNS * BLOCK_ROWS + row);
        int half = row / 16 * HALF_BYTES;
        int two = memory[block + CODES_OFFSET + half + column * 8 + row % 16 / 2];
        int code = two >> row % 2 * 4 & 15;
        return bf16(memory, pair) * code + bf16(memory, pair + MINS_OFFSET);
    }

    /**
     * Dequantises a block for the matrix unit.
     *
     * @param memory holds the block
     * @param block where it starts
     * @param result receives 9216 bytes
     * @param at where they start
     */
    public static void blocks(byte[] memory, int block, byte[] result, int at) {
        float[] weights = new float[BLOCK_ROWS * BLOCK_COLUMNS];
        weights(memory, block, weights);
        for (int r = 0; r < BLOCK_ROWS; r++) {
            for (int c = 0; c < BLOCK_COLUMNS; c += BlockFloat.SIZE) {
                BlockFloat.encode(weights, r * BLOCK_COLUMNS + c, 1, result, at + offset(r, c));
            }
        }
    }

    /**
     * Returns where eight weights of a block lie in the matrix unit's order.
     *
     * @param row of the block
     * @param column the first of the eight
     * @return bytes from the block's start
     */
    public static int offset(int row, int column) {
        int panel = column / PANEL_COLUMNS * (BLOCK_ROWS / 8) + row / 8;
        int inner = panel * (PANEL_COLUMNS / BlockFloat.SIZE);
        int eight = inner + column % PANEL_COLUMNS / BlockFloat.SIZE;
        return (eight * 8 + row % 8) * BlockFloat.BYTES;
    }

    private static float bf16(byte[] memory, int at) {
        return Float.intBitsToFloat((memory[at] & 0xff) << 16 | memory[at + 1] << 24);
    }
}
