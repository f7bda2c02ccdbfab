package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Products of matrices, the inverse, and diagonals. Floats accumulate in double, whole numbers in
 * long.
 */
final class LinearAlgebra {

    private LinearAlgebra() {}

    /**
     * The matrix product over the last two dimensions; the dimensions before broadcast, a vector
     * counts as row or column.
     */
    static Tensor matMul(Tensor a, Tensor b) {
        DataType type = Casts.common(a.type(), b.type());
        Tensor left = (a.rank() == 1 ? a.reshape(1, a.size()) : a).cast(type);
        Tensor right = (b.rank() == 1 ? b.reshape(b.size(), 1) : b).cast(type);
        int rows = (int) left.shape().get(left.rank() - 2);
        int depth = (int) left.shape().get(left.rank() - 1);
        int columns = (int) right.shape().get(right.rank() - 1);
        if (right.shape().get(right.rank() - 2) != depth) {
            throw new IllegalArgumentException(
                    "matMul: shapes "
                            + a.shape()
                            + " and "
                            + b.shape()
                            + " do not fit: "
                            + depth
                            + " columns against "
                            + right.shape().get(right.rank() - 2)
                            + " rows");
        }
        Shape batch =
                Dimensions.broadcast(
                        left.shape().slice(0, left.rank() - 2),
                        right.shape().slice(0, right.rank() - 2));
        left = StridedView.broadcast(left, batch.add(rows, depth));
        right = StridedView.broadcast(right, batch.add(depth, columns));
        Tensor result = Tensor.allocate(type, batch.add(rows, columns));
        int count = Dimensions.size(batch);
        for (int i = 0; i < count * rows; i++) {
            int matrix = i / rows * depth * columns;
            if (Casts.isWhole(type)) {
                wholeRow(left, i * depth, right, matrix, result, i * columns, depth, columns);
            } else {
                realRow(left, i * depth, right, matrix, result, i * columns, depth, columns);
            }
        }
        Shape shape = a.rank() == 1 ? batch : batch.add(rows);
        return result.reshape(b.rank() == 1 ? shape : shape.add(columns));
    }

    private static void realRow(
            Tensor a,
            int row,
            Tensor b,
            int matrix,
            Tensor result,
            int target,
            int depth,
            int columns) {
        double[] sums = new double[columns];
        float[] floats = b.data() instanceof FloatStorage storage ? storage.values() : null;
        for (int k = 0; k < depth; k++) {
            double factor = a.getDouble(row + k);
            int start = matrix + k * columns;
            for (int j = 0; j < columns; j++) {
                sums[j] += factor * (floats != null ? floats[start + j] : b.getDouble(start + j));
            }
        }
        for (int j = 0; j < columns; j++) {
            result.data().setDouble(target + j, sums[j]);
        }
    }

    private static void wholeRow(
            Tensor a,
            int row,
            Tensor b,
            int matrix,
            Tensor result,
            int target,
            int depth,
            int columns) {
        for (int j = 0; j < columns; j++) {
            long sum = 0;
            for (int k = 0; k < depth; k++) {
                sum += a.getLong(row + k) * b.getLong(matrix + k * columns + j);
            }
            result.data().setLong(target + j, sum);
        }
    }

    /**
     * NumPy's dot: scalars multiply, otherwise the last axis of {@code a} meets the last but one of
     * {@code b}.
     */
    static Tensor dot(Tensor a, Tensor b) {
        if (a.isScalar() || b.isScalar()) {
            return Arithmetic.mul(a, b);
        }
        if (a.rank() <= 2 && b.rank() <= 2) {
            return matMul(a, b);
        }
        if (b.rank() == 1) {
            return matMul(a, b);
        }
        // Bring b's contracted axis to the front: one plain matrix product is left.
        int contracted = b.rank() - 2;
        int[] order = new int[b.rank()];
        order[0] = contracted;
        for (int i = 1; i < order.length; i++) {
            order[i] = i <= contracted ? i - 1 : i;
        }
        int depth = (int) b.shape().get(contracted);
        Tensor right =
                StridedView.of(b)
                        .permute(order)
                        .toTensor()
                        .reshape(new Shape(depth, b.size() / Math.max(1, depth)));
        Shape rest = Dimensions.without(b.shape(), contracted);
        int rows = a.size() / Math.max(1, (int) a.shape().get(a.rank() - 1));
        Tensor left = a.reshape(new Shape(rows, a.shape().get(a.rank() - 1)));
        return matMul(left, right).reshape(a.shape().slice(0, a.rank() - 1).addAll(rest));
    }

    /** The inverse of each square matrix, by elimination with row pivots in double. */
    static Tensor inverse(Tensor a) {
        int n = a.rank() < 2 ? -1 : (int) a.shape().get(a.rank() - 1);
        if (n < 0 || a.shape().get(a.rank() - 2) != n) {
            throw new IllegalArgumentException(
                    "inverse: shape " + a.shape() + " holds no square matrices");
        }
        Tensor result = Tensor.allocate(Casts.floating(a.type()), a.shape());
        for (int start = 0; start < a.size(); start += n * n) {
            double[][] rows = new double[n][2 * n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    rows[i][j] = a.getDouble(start + i * n + j);
                }
                rows[i][n + i] = 1;
            }
            eliminate(rows);
            for (int i = 0; i < n * n; i++) {
                result.data().setDouble(start + i, rows[i / n][n + i % n]);
            }
        }
        return result;
    }

    private static void eliminate(double[][] rows) {
        int n = rows.length;
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int i = column + 1; i < n; i++) {
                pivot = Math.abs(rows[i][column]) > Math.abs(rows[pivot][column]) ? i : pivot;
            }
            double[] row = rows[pivot];
            rows[pivot] = rows[column];
            rows[column] = row;
            if (row[column] == 0) {
                throw new IllegalArgumentException(
                        "inverse: the matrix is singular (no pivot in column " + column + ")");
            }
            for (int j = 2 * n - 1; j >= column; j--) {
                row[j] /= row[column];
            }
            for (int i = 0; i < n; i++) {
                double factor = rows[i][column];
                for (int j = column; i != column && j < 2 * n; j++) {
                    rows[i][j] -= factor * row[j];
                }
            }
        }
    }

    /** The diagonals of the planes of two axes, as the last dimension. */
    static Tensor diagonal(Tensor a, int offset, int axis1, int axis2) {
        if (a.rank() < 2 || axis1 == axis2) {
            throw new IllegalArgumentException(
                    "diagonal: axes " + axis1 + " and " + axis2 + " of shape " + a.shape());
        }
        StridedView view = StridedView.of(a);
        int rows = view.sizes()[axis1] + Math.min(0, offset);
        int columns = view.sizes()[axis2] - Math.max(0, offset);
        int length = Math.max(0, Math.min(rows, columns));
        int[] sizes = new int[a.rank() - 1];
        int[] strides = new int[a.rank() - 1];
        int next = 0;
        for (int i = 0; i < a.rank(); i++) {
            if (i != axis1 && i != axis2) {
                sizes[next] = view.sizes()[i];
                strides[next++] = view.strides()[i];
            }
        }
        sizes[next] = length;
        strides[next] = view.strides()[axis1] + view.strides()[axis2];
        int start =
                length == 0
                        ? 0
                        : offset < 0
                                ? -offset * view.strides()[axis1]
                                : offset * view.strides()[axis2];
        return new StridedView(a.data(), start, sizes, strides).toTensor();
    }
}
