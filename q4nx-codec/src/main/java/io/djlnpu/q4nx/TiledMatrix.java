package io.djlnpu.q4nx;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A bf16 matrix of the vision file where it lies: not quantised, but cut into tiles that one
 * transfer of the NPU moves.
 *
 * <p><b>Shape</b>: {@code [rows, columns]} = {@code [outputs, inputs]}, both padded with zeros to
 * multiples of 256. Tiles of 64 rows and 256 columns follow each other in row-major order; within a
 * tile the order is row-major too. The container's shape is {@code [paddedRows / 64, paddedColumns
 * / 256, 16384]}.
 *
 * @param name the tensor's name
 * @param rows outputs without padding
 * @param columns inputs without padding
 * @param data the tiles, little-endian bf16
 */
public record TiledMatrix(String name, int rows, int columns, MemorySegment data) {

    /** Rows of a tile. */
    public static final int TILE_ROWS = 64;

    /** Columns of a tile. */
    public static final int TILE_COLUMNS = 256;

    /** Values of a tile. */
    public static final int TILE_VALUES = TILE_ROWS * TILE_COLUMNS;

    private static final int PADDING = 256;

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if the data has another size than the shape
     */
    public TiledMatrix {
        long expected = byteLength(rows, columns);
        if (rows <= 0 || columns <= 0 || data.byteSize() != expected) {
            throw new IllegalArgumentException(
                    "'%s': %d bytes for %d x %d, expected %d"
                            .formatted(name, data.byteSize(), rows, columns, expected));
        }
    }

    /**
     * Rounds an extent up to the padding of tiles.
     *
     * @param extent rows or columns
     * @return the next multiple of 256
     */
    public static int padded(int extent) {
        return Math.ceilDiv(extent, PADDING) * PADDING;
    }

    /**
     * Returns the bytes that a matrix occupies.
     *
     * @param rows outputs without padding
     * @param columns inputs without padding
     * @return bytes
     */
    public static long byteLength(int rows, int columns) {
        return 2L * padded(rows) * padded(columns);
    }

    /**
     * Reads whole rows.
     *
     * @param firstRow the first row
     * @param rowCount how many rows
     * @param destination receives {@code [rowCount, columns]}, row-major, from index 0
     */
    public void readRows(int firstRow, int rowCount, float[] destination) {
        Objects.checkFromIndexSize(firstRow, rowCount, rows);
        Objects.checkFromIndexSize(0L, (long) rowCount * columns, destination.length);
        int tilesAcross = padded(columns) / TILE_COLUMNS;
        for (int i = 0; i < rowCount; i++) {
            int row = firstRow + i;
            long strip = (long) (row / TILE_ROWS) * tilesAcross * TILE_VALUES;
            for (int first = 0; first < columns; first += TILE_COLUMNS) {
                long value =
                        strip
                                + (long) first / TILE_COLUMNS * TILE_VALUES
                                + (long) (row % TILE_ROWS) * TILE_COLUMNS;
                int count = Math.min(TILE_COLUMNS, columns - first);
                Bfloat16.toFloats(data, 2 * value, destination, i * columns + first, count);
            }
        }
    }

    /**
     * Counts the values of the padding that are not zero; a product over whole tiles would see
     * them.
     *
     * @return 0 for a sound matrix
     */
    public long dirtyPadding() {
        long dirty = 0;
        int tilesAcross = padded(columns) / TILE_COLUMNS;
        for (long value = 0; value < data.byteSize() / Short.BYTES; value++) {
            long tile = value / TILE_VALUES;
            long row = tile / tilesAcross * TILE_ROWS + value % TILE_VALUES / TILE_COLUMNS;
            long column = tile % tilesAcross * TILE_COLUMNS + value % TILE_COLUMNS;
            boolean padding = row >= rows || column >= columns;
            if (padding && data.get(Bfloat16.LAYOUT, Short.BYTES * value) != 0) {
                dirty++;
            }
        }
        return dirty;
    }
}
