package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Moves dimensions about without touching an element's value. */
final class Reorder {

    private Reorder() {}

    static Tensor reverse(Tensor a) {
        return transpose(a, IntStream.range(0, a.rank()).map(i -> a.rank() - 1 - i).toArray());
    }

    static Tensor transpose(Tensor a, int... axes) {
        if (axes.length != a.rank()) {
            throw new IllegalArgumentException(
                    "transpose: axes " + Arrays.toString(axes) + " for shape " + a.shape());
        }
        return StridedView.of(a).permute(Dimensions.axes(axes, a.rank())).toTensor();
    }

    static Tensor swap(Tensor a, int axis1, int axis2) {
        int[] order = IntStream.range(0, a.rank()).toArray();
        if (order.length > 0) {
            order[axis1] = axis2;
            order[axis2] = axis1;
        }
        return transpose(a, order);
    }

    static Tensor flip(Tensor a, int... axes) {
        StridedView view = StridedView.of(a);
        for (int axis : a.isScalar() ? new int[0] : Dimensions.axes(axes, a.rank())) {
            view = view.flip(axis);
        }
        return view.toTensor();
    }

    /** Quarter turns from the first axis towards the second. */
    static Tensor rotate90(Tensor a, int times, int[] axes) {
        if (axes.length != 2) {
            throw new IllegalArgumentException(
                    "rotate90 turns a plane of two axes, given were " + Arrays.toString(axes));
        }
        int[] plane = Dimensions.axes(axes, a.rank());
        return switch (Math.floorMod(times, 4)) {
            case 1 -> swap(flip(a, plane[1]), plane[0], plane[1]);
            case 2 -> flip(a, plane);
            case 3 -> flip(swap(a, plane[0], plane[1]), plane[1]);
            default -> flip(a);
        };
    }

    static Tensor squeeze(Tensor a, int[] axes) {
        if (a.isScalar()) {
            Dimensions.axes(axes, 0);
            return a;
        }
        int[] dropped = Dimensions.axes(axes, a.rank());
        Shape shape = new Shape();
        for (int i = 0; i < a.rank(); i++) {
            int dimension = i;
            if (Arrays.stream(dropped).noneMatch(axis -> axis == dimension)) {
                shape = shape.add(a.shape().get(i));
            } else if (a.shape().get(i) != 1) {
                throw new IllegalArgumentException(
                        "squeeze: dimension " + i + " of shape " + a.shape() + " is not 1");
            }
        }
        return a.reshape(shape);
    }

    static Tensor flatten(Tensor a, int start, int end) {
        if (a.isScalar()) {
            return a.reshape(1);
        }
        if (start > end) {
            throw new IllegalArgumentException(
                    "flatten: first axis " + start + " lies behind the last, " + end);
        }
        Shape middle = new Shape(Dimensions.size(a.shape().slice(start, end + 1)));
        return a.reshape(a.shape().slice(0, start).addAll(middle).addAll(a.shape().slice(end + 1)));
    }

    /**
     * How often each dimension repeats to grow into {@code target}, whose missing leading
     * dimensions stay as they are.
     */
    static long[] repeatsToReach(Shape shape, Shape target) {
        int lead = shape.dimension() - target.dimension();
        if (lead < 0) {
            throw new IllegalArgumentException(
                    "shape "
                            + shape
                            + " cannot grow into "
                            + target
                            + ", which has more dimensions");
        }
        long[] repeats = new long[shape.dimension()];
        for (int i = 0; i < repeats.length; i++) {
            long wanted = i < lead ? shape.get(i) : target.get(i - lead);
            if (shape.get(i) == 0 || wanted % shape.get(i) != 0) {
                throw new IllegalArgumentException(
                        "shape " + target + " is no multiple of shape " + shape);
            }
            repeats[i] = wanted / shape.get(i);
        }
        return repeats;
    }
}
