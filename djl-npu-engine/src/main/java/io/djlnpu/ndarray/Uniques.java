package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The distinct elements of an array, or the distinct rows along an axis, in ascending order. */
final class Uniques {

    private Uniques() {}

    /**
     * Values, then on demand for each element the index of its value, then on demand how often each
     * value occurs.
     */
    static List<Tensor> unique(Tensor a, Integer axis, boolean inverse, boolean counts) {
        // Rows along the axis become the first dimension of a matrix; without an axis every element
        // is a row.
        int[] order = axis == null ? null : toFront(a.rank(), axis);
        Tensor moved = order == null ? a : StridedView.of(a).permute(order).toTensor();
        int rows = order == null ? a.size() : (int) moved.shape().get(0);
        int width = rows == 0 ? 0 : moved.size() / rows;

        int[] sorted =
                IntStream.range(0, rows)
                        .boxed()
                        .sorted((x, y) -> compare(moved, x, y, width))
                        .mapToInt(i -> i)
                        .toArray();
        long[] group = new long[rows];
        List<Integer> firsts = new ArrayList<>();
        List<Long> sizes = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            if (i == 0 || compare(moved, sorted[i - 1], sorted[i], width) != 0) {
                firsts.add(sorted[i]);
                sizes.add(0L);
            }
            int last = firsts.size() - 1;
            group[sorted[i]] = last;
            sizes.set(last, sizes.get(last) + 1);
        }

        List<Tensor> result = new ArrayList<>();
        Shape shape =
                order == null
                        ? new Shape(firsts.size())
                        : Dimensions.with(moved.shape(), 0, firsts.size());
        Tensor values = Tensor.allocate(a.type(), shape);
        for (int i = 0; i < firsts.size(); i++) {
            values.data().copy(moved.data(), firsts.get(i) * width, i * width, width);
        }
        result.add(
                order == null
                        ? values
                        : StridedView.of(values).permute(toBack(a.rank(), axis)).toTensor());
        if (inverse) {
            result.add(
                    new Tensor(
                            order == null ? a.shape() : new Shape(rows),
                            new LongStorage(DataType.INT64, group)));
        }
        if (counts) {
            result.add(
                    Tensor.ofLongs(
                            new Shape(sizes.size()), sizes.stream().mapToLong(i -> i).toArray()));
        }
        return result;
    }

    private static int compare(Tensor a, int x, int y, int width) {
        for (int i = 0; i < width; i++) {
            int order = Sorting.compare(a, x * width + i, y * width + i);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static int[] toFront(int rank, int axis) {
        return IntStream.range(0, rank).map(i -> i == 0 ? axis : i <= axis ? i - 1 : i).toArray();
    }

    private static int[] toBack(int rank, int axis) {
        return IntStream.range(0, rank).map(i -> i < axis ? i + 1 : i == axis ? 0 : i).toArray();
    }
}
