package io.djlnpu.bundle;

import java.io.IOException;
import java.util.Optional;

/**
 * A weight matrix that is read row by row, so that a matrix of any size costs only what is asked
 * for.
 *
 * <p><b>Shape</b>: {@code [rows, columns]} = {@code [outputs, inputs]}, as Hugging Face stores a
 * linear layer. <b>Numerics</b>: values exactly as the source defines them, widened to float32.
 */
public interface WeightMatrix {

    /**
     * Returns the number of rows (outputs).
     *
     * @return rows
     */
    int rows();

    /**
     * Returns the number of columns (inputs).
     *
     * @return columns
     */
    int columns();

    /**
     * Reads whole rows as float32.
     *
     * @param firstRow the first row
     * @param rowCount how many rows
     * @param destination receives {@code rowCount * columns()} values from index 0, row-major
     * @throws IOException if the source cannot be read
     */
    void readRows(int firstRow, int rowCount, float[] destination) throws IOException;

    /**
     * Returns the 4-bit form of the matrix, if the source has one whose groups line up with Q4NX.
     *
     * @return the codes as they are, to be carried over without a second quantisation
     */
    default Optional<Affine> affine() {
        return Optional.empty();
    }

    /** A source that already is 4-bit: {@code w = scale * code + min} over groups of 32 columns. */
    interface Affine {

        /**
         * Reads whole rows.
         *
         * @param firstRow the first row
         * @param rowCount how many rows
         * @param codes receives one code 0..15 per weight, {@code [rowCount, columns]}
         * @param scales receives {@code [rowCount, ceil(columns / 32)]}, negative if levels are
         *     counted from the top
         * @param mins receives offsets in the same order as the scales
         * @throws IOException if the source cannot be read
         */
        void readRows(int firstRow, int rowCount, byte[] codes, float[] scales, float[] mins)
                throws IOException;
    }
}
