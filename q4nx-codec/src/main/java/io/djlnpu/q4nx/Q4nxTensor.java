package io.djlnpu.q4nx;

import java.lang.foreign.MemorySegment;

/**
 * A Q4NX matrix where it lies, usually in a memory map; nothing is copied.
 *
 * <p><b>Shape</b>: {@code [rows, columns]} = {@code [outputs, inputs]}, in blocks as {@link
 * Q4nxFormat} says.
 *
 * @param name the tensor's name
 * @param rows outputs, a multiple of 32
 * @param columns inputs without padding
 * @param data the blocks
 */
public record Q4nxTensor(String name, int rows, int columns, MemorySegment data) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if rows are no multiple of 32, or the data has another size
     *     than the shape
     */
    public Q4nxTensor {
        if (rows <= 0 || columns <= 0 || rows % Q4nxFormat.BLOCK_ROWS != 0) {
            throw new IllegalArgumentException(
                    "'"
                            + name
                            + "': "
                            + rows
                            + " x "
                            + columns
                            + ", expected rows in multiples of "
                            + Q4nxFormat.BLOCK_ROWS);
        }
        long expected = Q4nxFormat.byteLength(rows, columns);
        if (data.byteSize() != expected) {
            throw new IllegalArgumentException(
                    "'"
                            + name
                            + "': "
                            + data.byteSize()
                            + " bytes for "
                            + rows
                            + " x "
                            + columns
                            + ", expected "
                            + expected);
        }
    }

    /**
     * Returns the columns with padding.
     *
     * @return a multiple of 256
     */
    public int paddedColumns() {
        return Q4nxFormat.paddedColumns(columns);
    }

    /**
     * Returns the number of blocks from top to bottom.
     *
     * @return {@code rows / 32}
     */
    public int rowBlocks() {
        return rows / Q4nxFormat.BLOCK_ROWS;
    }

    /**
     * Returns the number of blocks from left to right.
     *
     * @return {@code paddedColumns / 256}
     */
    public int columnBlocks() {
        return paddedColumns() / Q4nxFormat.BLOCK_COLUMNS;
    }

    /**
     * Returns where a block starts.
     *
     * @param rowBlock index from the top
     * @param columnBlock index from the left
     * @return byte offset in {@link #data()}
     */
    public long blockOffset(int rowBlock, int columnBlock) {
        return ((long) rowBlock * columnBlocks() + columnBlock) * Q4nxFormat.BLOCK_BYTES;
    }
}
