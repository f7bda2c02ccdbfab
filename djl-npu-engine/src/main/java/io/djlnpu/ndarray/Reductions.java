package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Folds an array along axes; no axes mean all of them.
 *
 * <p><b>Numerics:</b> floats accumulate in double and are rounded once; whole numbers sum and
 * multiply in INT64.
 */
final class Reductions {

    private Reductions() {}

    private interface RealFold {
        double fold(double sum, double value);
    }

    private interface WholeFold {
        long fold(long sum, long value);
    }

    /** The lanes to fold and the shape of the result. */
    private record Plan(Tensor rows, int length, Shape shape) {

        /** Moves the reduced axes to the end, so that each result folds one contiguous row. */
        static Plan of(Tensor a, int[] axes, boolean keepDims) {
            int rank = a.rank();
            int[] reduced =
                    axes.length == 0
                            ? allAxes(a)
                            : a.isScalar() ? new int[0] : Dimensions.axes(axes, rank);
            int[] order = new int[rank];
            long[] kept = new long[rank];
            int next = 0;
            int length = 1;
            Shape shape = new Shape();
            for (int i = 0; i < rank; i++) {
                int dimension = i;
                boolean isReduced = Arrays.stream(reduced).anyMatch(axis -> axis == dimension);
                kept[i] = isReduced ? 1 : a.shape().get(i);
                if (!isReduced) {
                    order[next++] = i;
                    shape = shape.add(a.shape().get(i));
                }
            }
            Arrays.sort(reduced);
            for (int axis : reduced) {
                order[next++] = axis;
                length *= (int) a.shape().get(axis);
            }
            Tensor rows = isSorted(order) ? a : StridedView.of(a).permute(order).toTensor();
            return new Plan(rows, length, keepDims ? new Shape(kept) : shape);
        }

        private static boolean isSorted(int[] order) {
            for (int i = 0; i < order.length; i++) {
                if (order[i] != i) {
                    return false;
                }
            }
            return true;
        }
    }

    static int[] allAxes(Tensor a) {
        return IntStream.range(0, a.rank()).toArray();
    }

    /** The array with the given axes moved to the end and folded into one. */
    static Tensor rows(Tensor a, int[] axes) {
        if (a.isScalar()) {
            return a;
        }
        Plan plan = Plan.of(a, axes, false);
        return plan.rows.reshape(plan.shape.add(plan.length));
    }

    static Tensor sum(Tensor a, int[] axes, boolean keepDims) {
        return fold(a, accumulator(a), axes, keepDims, 0, Double::sum, Long::sum);
    }

    static Tensor prod(Tensor a, int[] axes, boolean keepDims) {
        return fold(a, accumulator(a), axes, keepDims, 1, (x, y) -> x * y, (x, y) -> x * y);
    }

    static Tensor mean(Tensor a, int[] axes, boolean keepDims) {
        Plan plan = Plan.of(a, axes, keepDims);
        DataType type = Casts.floating(a.type());
        return Tensor.fill(type, plan.shape, row -> sumRow(plan, row) / plan.length);
    }

    private static double sumRow(Plan plan, int row) {
        double sum = 0;
        for (int i = 0; i < plan.length; i++) {
            sum += plan.rows.getDouble(row * plan.length + i);
        }
        return sum;
    }

    static Tensor max(Tensor a, int[] axes, boolean keepDims) {
        refuseEmpty(a, axes);
        boolean unsigned = a.type() == DataType.UINT64;
        return fold(
                a,
                a.type(),
                axes,
                keepDims,
                Double.NEGATIVE_INFINITY,
                Math::max,
                unsigned ? (x, y) -> Long.compareUnsigned(x, y) > 0 ? x : y : Math::max);
    }

    static Tensor min(Tensor a, int[] axes, boolean keepDims) {
        refuseEmpty(a, axes);
        boolean unsigned = a.type() == DataType.UINT64;
        return fold(
                a,
                a.type(),
                axes,
                keepDims,
                Double.POSITIVE_INFINITY,
                Math::min,
                unsigned ? (x, y) -> Long.compareUnsigned(x, y) < 0 ? x : y : Math::min);
    }

    /** The p-norm over the axes; order 0 counts what is not zero. */
    static Tensor norm(Tensor a, double order, int[] axes, boolean keepDims) {
        Plan plan = Plan.of(a, axes, keepDims);
        return Tensor.fill(
                Casts.floating(a.type()),
                plan.shape,
                row -> {
                    double sum = 0;
                    for (int i = 0; i < plan.length; i++) {
                        double magnitude = Math.abs(plan.rows.getDouble(row * plan.length + i));
                        sum +=
                                order == 0
                                        ? (magnitude == 0 ? 0 : 1)
                                        : order == 2
                                                ? magnitude * magnitude
                                                : Math.pow(magnitude, order);
                    }
                    return order == 0
                            ? sum
                            : order == 2 ? Math.sqrt(sum) : Math.pow(sum, 1 / order);
                });
    }

    private static Tensor fold(
            Tensor a,
            DataType type,
            int[] axes,
            boolean keepDims,
            double start,
            RealFold real,
            WholeFold whole) {
        if (a.type() == DataType.COMPLEX64) {
            throw new UnsupportedOperationException(
                    "reductions of COMPLEX64 are not defined here; take real() first");
        }
        Plan plan = Plan.of(a, axes, keepDims);
        Storage rows = plan.rows.data();
        if (Casts.isWhole(a.type())) {
            // Without a neutral whole number for max and min, the fold starts at the first element.
            return Tensor.fillLongs(
                    type,
                    plan.shape,
                    row -> {
                        long sum =
                                plan.length == 0 ? (long) start : rows.getLong(row * plan.length);
                        for (int i = 1; i < plan.length; i++) {
                            sum = whole.fold(sum, rows.getLong(row * plan.length + i));
                        }
                        return sum;
                    });
        }
        return Tensor.fill(
                type,
                plan.shape,
                row -> {
                    double sum = start;
                    for (int i = 0; i < plan.length; i++) {
                        sum = real.fold(sum, rows.getDouble(row * plan.length + i));
                    }
                    return sum;
                });
    }

    private static DataType accumulator(Tensor a) {
        return Casts.isWhole(a.type()) ? DataType.INT64 : a.type();
    }

    private static void refuseEmpty(Tensor a, int[] axes) {
        for (int axis : a.isScalar() ? new int[0] : Dimensions.axes(axes, a.rank())) {
            if (a.shape().get(axis) == 0) {
                throw new IllegalArgumentException(
                        "an array of shape " + a.shape() + " has no largest or smallest element");
            }
        }
    }
}
