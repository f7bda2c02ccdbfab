package io.djlnpu.q4nx;

/**
 * The layout of a Q4NX tensor.
 *
 * <p><b>Value.</b> A weight is {@code scale * code + min}. The code is an unsigned nibble, 0 to 15.
 * Scale and min are bf16, one pair for each group of 32 consecutive columns (inputs) of one row
 * (output). The min is an offset, not a zero point.
 *
 * <p><b>Padding.</b> Columns are padded to a multiple of 256 with code, scale and min 0. Rows are
 * never padded: their number is a multiple of 32.
 *
 * <p><b>Blocks.</b> The matrix is cut into blocks of 32 rows and 256 columns. All blocks of the
 * first 32 rows come first, from left to right, then those of the next 32 rows. A block has 5120
 * bytes:
 *
 * <ul>
 *   <li>bytes 0 to 511: scales, little endian, {@code [columnGroup 0..7][row 0..31]};
 *   <li>bytes 512 to 1023: mins, in the same order;
 *   <li>bytes 1024 to 5119: codes, {@code [rowGroup 0..1][column 0..255][byte 0..7]}. Byte k of a
 *       column holds row {@code 16 * rowGroup + 2k} in its low nibble and row {@code 16 * rowGroup
 *       + 2k + 1} in its high nibble.
 * </ul>
 *
 * <p><b>Container.</b> A tensor is stored as {@code I8} of shape {@code [blocks, 5120]}; its rows
 * and columns are not in the file.
 */
public final class Q4nxFormat {

    /** Rows of a block. */
    public static final int BLOCK_ROWS = 32;

    /** Columns of a block. */
    public static final int BLOCK_COLUMNS = 256;

    /** Columns that share one scale and one min. */
    public static final int GROUP_COLUMNS = 32;

    /** Groups of a block's row. */
    public static final int BLOCK_GROUPS = BLOCK_COLUMNS / GROUP_COLUMNS;

    /** Bytes of a block. */
    public static final int BLOCK_BYTES = 5120;

    /** Where the mins start in a block. */
    public static final int MINS_OFFSET = 512;

    /** Where the codes start in a block. */
    public static final int CODES_OFFSET = 1024;

    /** Bytes of the codes of 16 rows. */
    public static final int HALF_BYTES = BLOCK_COLUMNS * 8;

    /** The largest code. */
    public static final int MAX_CODE = 15;

    private Q4nxFormat() {}

    /**
     * Returns the columns that a matrix occupies.
     *
     * @param columns logical columns
     * @return columns with padding
     */
    public static int paddedColumns(int columns) {
        return Math.ceilDiv(columns, BLOCK_COLUMNS) * BLOCK_COLUMNS;
    }

    /**
     * Returns the bytes that a matrix occupies.
     *
     * @param rows rows, a multiple of 32
     * @param columns logical columns
     * @return bytes
     */
    public static long byteLength(int rows, int columns) {
        return (long) (rows / BLOCK_ROWS) * (paddedColumns(columns) / BLOCK_COLUMNS) * BLOCK_BYTES;
    }
}
