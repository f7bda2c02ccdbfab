package io.djlnpu.onnx.weight;

import io.djlnpu.bundle.WeightMatrix.Affine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Operations that move elements without changing them. Each keeps its shape: asking the sources
 * again and again would take time exponential in their depth.
 */
final class Views {

    private static final int GROUP = 32;

    private Views() {}

    /** Swaps the two dimensions of a matrix. */
    record Transposed(WeightExpression source, long[] shape) implements WeightExpression {
        Transposed(WeightExpression source) {
            this(source, new long[] {source.columns(), source.rows()});
        }

        @Override
        public int bits() {
            return source.bits();
        }

        @Override
        public void read(int firstRow, int rows, int firstColumn, int columns, float[] destination)
                throws IOException {
            float[] window = new float[Math.multiplyExact(rows, columns)];
            source.read(firstColumn, columns, firstRow, rows, window);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    destination[row * columns + column] = window[column * rows + row];
                }
            }
        }

        @Override
        public WeightExpression transposed() {
            return source;
        }
    }

    /** A range of rows and a range of columns. */
    record Sliced(WeightExpression source, int firstRow, int rowCount, int firstColumn, int width)
            implements WeightExpression {
        @Override
        public long[] shape() {
            return new long[] {rowCount, width};
        }

        @Override
        public int bits() {
            return source.bits();
        }

        @Override
        public void read(int row, int rows, int column, int columns, float[] destination)
                throws IOException {
            source.read(firstRow + row, rows, firstColumn + column, columns, destination);
        }

        @Override
        public WeightExpression transposed() {
            return new Sliced(source.transposed(), firstColumn, width, firstRow, rowCount);
        }

        @Override
        public Optional<Affine> affine() throws IOException {
            if (width != source.columns()) {
                return Optional.empty();
            }
            return source.affine()
                    .map(
                            whole ->
                                    (row, rows, codes, scales, mins) ->
                                            whole.readRows(
                                                    firstRow + row, rows, codes, scales, mins));
        }
    }

    /** Another shape over the same elements in the same order. */
    record Reshaped(WeightExpression source, long[] lengths) implements WeightExpression {
        @Override
        public long[] shape() {
            return lengths.clone();
        }

        @Override
        public int bits() {
            return source.bits();
        }

        @Override
        public void read(int firstRow, int rows, int firstColumn, int columns, float[] destination)
                throws IOException {
            if (columns() == source.columns()) {
                source.read(firstRow, rows, firstColumn, columns, destination);
                return;
            }
            for (int row = 0; row < rows; row++) {
                flat(
                        (long) (firstRow + row) * columns() + firstColumn,
                        columns,
                        destination,
                        row * columns);
            }
        }

        private void flat(long start, int count, float[] destination, int offset)
                throws IOException {
            int width = source.columns();
            int done = 0;
            while (done < count) {
                int row = (int) ((start + done) / width);
                int column = (int) ((start + done) % width);
                int piece = Math.min(count - done, width - column);
                float[] values = new float[piece];
                source.read(row, 1, column, piece, values);
                System.arraycopy(values, 0, destination, offset + done, piece);
                done += piece;
            }
        }

        @Override
        public Optional<Affine> affine() throws IOException {
            return columns() == source.columns() ? source.affine() : Optional.empty();
        }
    }

    /** Matrices below each other. */
    record Stacked(List<WeightExpression> parts, long[] shape) implements WeightExpression {
        Stacked(List<WeightExpression> parts) {
            this(
                    parts,
                    new long[] {
                        parts.stream().mapToLong(WeightExpression::rows).sum(),
                        parts.get(0).columns()
                    });
        }

        @Override
        public int bits() {
            return parts.get(0).bits();
        }

        @Override
        public void read(int firstRow, int rows, int firstColumn, int columns, float[] destination)
                throws IOException {
            int start = 0;
            for (WeightExpression part : parts) {
                int from = Math.max(firstRow, start);
                int to = Math.min(firstRow + rows, start + part.rows());
                if (from < to) {
                    float[] values = new float[(to - from) * columns];
                    part.read(from - start, to - from, firstColumn, columns, values);
                    System.arraycopy(
                            values, 0, destination, (from - firstRow) * columns, values.length);
                }
                start += part.rows();
            }
        }

        /** Codes come part by part, if every part has them. */
        @Override
        public Optional<Affine> affine() throws IOException {
            List<Affine> whole = new ArrayList<>();
            for (WeightExpression part : parts) {
                Optional<Affine> codes = part.affine();
                if (codes.isEmpty()) {
                    return Optional.empty();
                }
                whole.add(codes.get());
            }
            return Optional.of((row, rows, c, s, m) -> readAffine(whole, row, rows, c, s, m));
        }

        private void readAffine(
                List<Affine> whole, int first, int rows, byte[] codes, float[] scales, float[] mins)
                throws IOException {
            int start = 0;
            for (int i = 0; i < parts.size(); i++) {
                int height = parts.get(i).rows();
                int from = Math.max(first, start);
                int count = Math.min(first + rows, start + height) - from;
                if (count > 0) {
                    int width = columns();
                    int groups = Math.ceilDiv(width, GROUP);
                    byte[] c = new byte[count * width];
                    float[] s = new float[count * groups];
                    float[] m = new float[count * groups];
                    whole.get(i).readRows(from - start, count, c, s, m);
                    System.arraycopy(c, 0, codes, (from - first) * width, c.length);
                    System.arraycopy(s, 0, scales, (from - first) * groups, s.length);
                    System.arraycopy(m, 0, mins, (from - first) * groups, m.length);
                }
                start += height;
            }
        }
    }
}
