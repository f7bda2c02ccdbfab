package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.simd.TokenPanels;
import java.lang.foreign.MemorySegment;

/** A matrix that is not quantised, as {@link DenseMatmul} takes it: a tile of rows at a time. */
public interface DenseWeights {

    /** Columns that are laid out together. */
    int COLUMNS = TiledMatrix.TILE_COLUMNS;

    /**
     * Returns the outputs.
     *
     * @return rows
     */
    int rows();

    /**
     * Returns the inputs.
     *
     * @return columns
     */
    int columns();

    /**
     * Lays out up to {@link #COLUMNS} columns of a row; what lies beyond the columns is zero.
     *
     * @param panels who lays out
     * @param row a row of the matrix
     * @param column the first column, a multiple of {@link #COLUMNS}
     * @param tile receives every {@code tileRows}th value
     * @param tileIndex index of the first
     */
    void layOut(TokenPanels panels, int row, int column, MemorySegment tile, long tileIndex);

    /**
     * Takes a matrix of the vision file, in place.
     *
     * @param matrix bf16 tiles
     * @return the same weights
     */
    static DenseWeights of(TiledMatrix matrix) {
        return new DenseWeights() {
            @Override
            public int rows() {
                return matrix.rows();
            }

            @Override
            public int columns() {
                return matrix.columns();
            }

            @Override
            public void layOut(
                    TokenPanels panels, int row, int column, MemorySegment tile, long tileIndex) {
                long tilesAcross = TiledMatrix.padded(matrix.columns()) / COLUMNS;
                long block = row / TiledMatrix.TILE_ROWS * tilesAcross + column / COLUMNS;
                long value =
                        block * TiledMatrix.TILE_VALUES
                                + (long) (row % TiledMatrix.TILE_ROWS) * COLUMNS;
                panels.pack(matrix.data(), 2 * value, COLUMNS, tile, tileIndex);
            }
        };
    }

    /**
     * Takes float32 values.
     *
     * @param values {@code [rows, columns]}, row-major; not copied
     * @param rows outputs
     * @param columns inputs
     * @return the same weights
     */
    static DenseWeights of(float[] values, int rows, int columns) {
        if (values.length != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "%d values for %d x %d".formatted(values.length, rows, columns));
        }
        return new DenseWeights() {
            @Override
            public int rows() {
                return rows;
            }

            @Override
            public int columns() {
                return columns;
            }

            @Override
            public void layOut(
                    TokenPanels panels, int row, int column, MemorySegment tile, long tileIndex) {
                for (int c = 0; c < COLUMNS; c++) {
                    tile.setAtIndex(
                            JAVA_FLOAT,
                            tileIndex + (long) c * panels.tileRows(),
                            column + c < columns ? values[row * columns + column + c] : 0);
                }
            }
        };
    }
}
