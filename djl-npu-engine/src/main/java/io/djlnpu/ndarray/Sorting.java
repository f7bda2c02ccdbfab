package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Order along an axis. NaN counts as the largest value; equal elements keep their order. */
final class Sorting {

    private Sorting() {}

    static Tensor sort(Tensor a, int axis) {
        Lanes lanes = Lanes.of(a.shape(), axis);
        Tensor result = Tensor.allocate(a.type(), a.shape());
        for (int lane = 0; lane < lanes.count(); lane++) {
            int[] order = order(a, lanes, lane, true);
            for (int i = 0; i < order.length; i++) {
                result.data().copy(a.data(), lanes.index(lane, order[i]), lanes.index(lane, i), 1);
            }
        }
        return result;
    }

    static Tensor argSort(Tensor a, int axis, boolean ascending) {
        Lanes lanes = Lanes.of(a.shape(), axis);
        Tensor result = Tensor.allocate(DataType.INT64, a.shape());
        for (int lane = 0; lane < lanes.count(); lane++) {
            int[] order = order(a, lanes, lane, ascending);
            for (int i = 0; i < order.length; i++) {
                result.data().setLong(lanes.index(lane, i), order[i]);
            }
        }
        return result;
    }

    /** The positions of one lane in order. */
    private static int[] order(Tensor a, Lanes lanes, int lane, boolean ascending) {
        Comparator<Integer> comparator =
                (x, y) -> compare(a, lanes.index(lane, x), lanes.index(lane, y));
        return IntStream.range(0, lanes.length())
                .boxed()
                .sorted(ascending ? comparator : comparator.reversed())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    static int compare(Tensor a, int left, int right) {
        if (a.type() == DataType.UINT64) {
            return Long.compareUnsigned(a.getLong(left), a.getLong(right));
        }
        if (Casts.isWhole(a.type())) {
            return Long.compare(a.getLong(left), a.getLong(right));
        }
        double x = a.getDouble(left);
        double y = a.getDouble(right);
        return x == y ? 0 : Double.compare(x, y);
    }

    /** The middle element of each lane; of two middle ones the lower. A lane with NaN gives NaN. */
    static Tensor median(Tensor a, int axis) {
        Tensor sorted = sort(a, axis);
        Lanes lanes = Lanes.of(a.shape(), axis);
        Tensor result =
                Tensor.allocate(
                        a.type(), a.isScalar() ? a.shape() : Dimensions.without(a.shape(), axis));
        for (int lane = 0; lane < lanes.count(); lane++) {
            boolean hasNaN = Double.isNaN(sorted.getDouble(lanes.index(lane, lanes.length() - 1)));
            int middle = hasNaN ? lanes.length() - 1 : (lanes.length() - 1) / 2;
            result.data().copy(sorted.data(), lanes.index(lane, middle), lane, 1);
        }
        return result;
    }

    /** The quantile of each lane, linear between neighbours. */
    static Tensor quantile(Tensor a, double quantile, int axis) {
        Tensor sorted = sort(a, axis);
        Lanes lanes = Lanes.of(a.shape(), axis);
        DataType type = Casts.floating(a.type());
        return Tensor.fill(
                type,
                a.isScalar() ? a.shape() : Dimensions.without(a.shape(), axis),
                lane -> {
                    double last = sorted.getDouble(lanes.index(lane, lanes.length() - 1));
                    double place = quantile * (lanes.length() - 1);
                    int below = (int) Math.floor(place);
                    int above = Math.min(below + 1, lanes.length() - 1);
                    double low = sorted.getDouble(lanes.index(lane, below));
                    double high = sorted.getDouble(lanes.index(lane, above));
                    return Double.isNaN(last)
                            ? last
                            : place == below ? low : low + (place - below) * (high - low);
                });
    }
}
