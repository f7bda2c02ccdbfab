package io.djlnpu.onnx.weight;

import io.djlnpu.bundle.WeightMatrix.Affine;
import java.io.IOException;
import java.util.Optional;

/**
 * A constant array of float32 that is computed where it is read.
 *
 * <p><b>Shape</b>: any rank, seen as a matrix: the last dimension is the columns, the product of
 * the others the rows; a scalar is 1 x 1. <b>Numerics</b>: each operation as ONNX defines it, in
 * float32.
 */
public interface WeightExpression {

    /**
     * Returns the shape as the graph has it.
     *
     * @return the lengths
     */
    long[] shape();

    /**
     * Returns how precisely the elements are stored.
     *
     * @return bits of one stored element, 2 to 64
     */
    int bits();

    /**
     * Reads a window of the matrix.
     *
     * @param firstRow the first row
     * @param rows how many rows
     * @param firstColumn the first column
     * @param columns how many columns
     * @param destination receives {@code rows * columns} values from index 0, row-major
     * @throws IOException if the source cannot be read
     */
    void read(int firstRow, int rows, int firstColumn, int columns, float[] destination)
            throws IOException;

    /**
     * Returns this expression as 4-bit codes in groups of 32 columns, if that is what is stored.
     *
     * @return the codes with their scales and offsets
     * @throws IOException if the source cannot be read
     */
    default Optional<Affine> affine() throws IOException {
        return Optional.empty();
    }

    /**
     * Swaps rows and columns.
     *
     * @return the transposed matrix
     */
    default WeightExpression transposed() {
        return new Views.Transposed(this);
    }

    /**
     * Takes some of the rows.
     *
     * @param first the first row
     * @param count how many rows
     * @return the rows as a matrix
     */
    default WeightExpression rowRange(int first, int count) {
        return first == 0 && count == rows()
                ? this
                : new Views.Sliced(this, first, count, 0, columns());
    }

    /**
     * Multiplies by a number.
     *
     * @param factor the number
     * @return the product
     */
    default WeightExpression scaled(float factor) {
        return new Elementwise.Mapped(this, value -> value * factor, false);
    }

    /**
     * Returns the rows of the matrix.
     *
     * @return product of all dimensions but the last
     */
    default int rows() {
        long[] shape = shape();
        long rows = 1;
        for (int i = 0; i + 1 < shape.length; i++) {
            rows *= shape[i];
        }
        return Math.toIntExact(rows);
    }

    /**
     * Returns the columns of the matrix.
     *
     * @return the last dimension
     */
    default int columns() {
        long[] shape = shape();
        return shape.length == 0 ? 1 : Math.toIntExact(shape[shape.length - 1]);
    }

    /**
     * Returns the number of elements.
     *
     * @return {@code rows * columns}
     */
    default long elements() {
        return (long) rows() * columns();
    }

    /**
     * Reads everything.
     *
     * @return the values, row-major
     * @throws IOException if the source cannot be read or is too large
     */
    default float[] readAll() throws IOException {
        float[] values = new float[Math.toIntExact(elements())];
        read(0, rows(), 0, columns(), values);
        return values;
    }
}
