package io.djlnpu.onnx.weight;

import io.djlnpu.bundle.WeightMatrix.Affine;
import java.io.IOException;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Operations that change elements where they stand. */
final class Elementwise {

    private Elementwise() {}

    /**
     * One function over every element; Cast to a narrower type is one.
     *
     * @param source the elements
     * @param function what is done to each
     * @param rounds whether it only loses digits, so that the codes beneath say it better
     * @param shape as the source's
     */
    record Mapped(
            WeightExpression source, DoubleUnaryOperator function, boolean rounds, long[] shape)
            implements WeightExpression {
        Mapped(WeightExpression source, DoubleUnaryOperator function, boolean rounds) {
            this(source, function, rounds, source.shape());
        }

        @Override
        public WeightExpression transposed() {
            return new Mapped(source.transposed(), function, rounds);
        }

        @Override
        public Optional<Affine> affine() throws IOException {
            return rounds ? source.affine() : Optional.empty();
        }

        @Override
        public int bits() {
            return source.bits();
        }

        @Override
        public void read(int firstRow, int rows, int firstColumn, int columns, float[] destination)
                throws IOException {
            source.read(firstRow, rows, firstColumn, columns, destination);
            for (int i = 0; i < rows * columns; i++) {
                destination[i] = (float) function.applyAsDouble(destination[i]);
            }
        }
    }

    /** A function of two arrays, of which either may be a scalar, one row or one column. */
    record Combined(
            WeightExpression left,
            WeightExpression right,
            DoubleBinaryOperator function,
            long[] shape,
            int bits)
            implements WeightExpression {
        Combined(WeightExpression left, WeightExpression right, DoubleBinaryOperator function) {
            this(left, right, function, larger(left, right).shape(), larger(left, right).bits());
        }

        private static WeightExpression larger(WeightExpression left, WeightExpression right) {
            return left.elements() >= right.elements() ? left : right;
        }

        @Override
        public void read(int firstRow, int rows, int firstColumn, int columns, float[] destination)
                throws IOException {
            float[] other = new float[Math.multiplyExact(rows, columns)];
            readBroadcast(left, firstRow, rows, firstColumn, columns, destination);
            readBroadcast(right, firstRow, rows, firstColumn, columns, other);
            for (int i = 0; i < other.length; i++) {
                destination[i] = (float) function.applyAsDouble(destination[i], other[i]);
            }
        }

        private static void readBroadcast(
                WeightExpression source, int row, int rows, int column, int columns, float[] into)
                throws IOException {
            boolean oneRow = source.rows() == 1;
            boolean oneColumn = source.columns() == 1;
            int readRows = oneRow ? 1 : rows;
            int readColumns = oneColumn ? 1 : columns;
            if (readRows == rows && readColumns == columns) {
                source.read(oneRow ? 0 : row, rows, oneColumn ? 0 : column, columns, into);
                return;
            }
            float[] values = new float[readRows * readColumns];
            source.read(oneRow ? 0 : row, readRows, oneColumn ? 0 : column, readColumns, values);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    into[i * columns + j] =
                            values[(oneRow ? 0 : i) * readColumns + (oneColumn ? 0 : j)];
                }
            }
        }
    }
}
