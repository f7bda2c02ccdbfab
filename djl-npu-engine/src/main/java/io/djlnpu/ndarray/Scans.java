package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;

/** Running sums and products, and differences, along an axis. Whole numbers run in INT64. */
final class Scans {

    private Scans() {}

    static Tensor cumSum(Tensor a, int axis) {
        DataType type = Casts.isWhole(a.type()) ? DataType.INT64 : a.type();
        return scan(a, axis, type, false);
    }

    static Tensor cumProd(Tensor a, int axis, DataType type) {
        DataType natural = Casts.isWhole(a.type()) ? DataType.INT64 : a.type();
        return scan(type == null ? a : a.cast(type), axis, type == null ? natural : type, true);
    }

    private static Tensor scan(Tensor a, int axis, DataType type, boolean product) {
        Lanes lanes = Lanes.of(a.shape(), axis);
        Tensor result = Tensor.allocate(type, a.shape());
        boolean whole = Casts.isWhole(type);
        for (int lane = 0; lane < lanes.count(); lane++) {
            double real = product ? 1 : 0;
            long integer = product ? 1 : 0;
            for (int i = 0; i < lanes.length(); i++) {
                int place = lanes.index(lane, i);
                if (whole) {
                    integer = product ? integer * a.getLong(place) : integer + a.getLong(place);
                    result.data().setLong(place, integer);
                } else {
                    real = product ? real * a.getDouble(place) : real + a.getDouble(place);
                    result.data().setDouble(place, real);
                }
            }
        }
        return result;
    }

    /** The n-th difference of neighbours. */
    static Tensor diff(Tensor a, int n, int axis) {
        Tensor result = a;
        for (int i = 0; i < n; i++) {
            int length = (int) result.shape().get(axis);
            int kept = Math.max(0, length - 1);
            StridedView view = StridedView.of(result);
            Tensor later = view.slice(axis, Math.min(1, length), 1, kept).toTensor();
            Tensor earlier = view.slice(axis, 0, 1, kept).toTensor();
            result =
                    a.type() == DataType.BOOLEAN
                            ? ElementWise.compare(
                                    later, earlier, (x, y) -> x != y, (x, y) -> x != y)
                            : Arithmetic.sub(later, earlier);
        }
        return result;
    }
}
