package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Arithmetic on shapes: sizes, strides, axes, broadcasting, and the one unknown of a reshape. */
final class Dimensions {

    private Dimensions() {}

    /** The number of elements; at most what one Java array holds. */
    static int size(Shape shape) {
        long size = 1;
        for (long dimension : shape.getShape()) {
            if (dimension < 0) {
                throw new IllegalArgumentException("shape " + shape + " has a negative dimension");
            }
            size = Math.multiplyExact(size, dimension);
        }
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "shape " + shape + " holds more elements than a Java array can");
        }
        return (int) size;
    }

    static int[] sizes(Shape shape) {
        return Arrays.stream(shape.getShape()).mapToInt(Math::toIntExact).toArray();
    }

    /** Row-major strides, in elements. */
    static int[] strides(Shape shape) {
        int[] strides = new int[shape.dimension()];
        int stride = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= (int) shape.get(i);
        }
        return strides;
    }

    /** A possibly negative axis as an index; a scalar is taken as one element along axis 0. */
    static int axis(int axis, int rank) {
        int bound = Math.max(rank, 1);
        if (axis < -bound || axis >= bound) {
            throw new IllegalArgumentException(
                    "axis " + axis + " is out of range for an array of " + rank + " dimensions");
        }
        return axis < 0 ? axis + bound : axis;
    }

    static int[] axes(int[] axes, int rank) {
        int[] result = Arrays.stream(axes).map(axis -> axis(axis, rank)).toArray();
        if (Arrays.stream(result).distinct().count() != result.length) {
            throw new IllegalArgumentException(
                    "axes " + Arrays.toString(axes) + " name a dimension twice");
        }
        return result;
    }

    static Shape with(Shape shape, int axis, long size) {
        long[] dimensions = shape.getShape().clone();
        dimensions[axis] = size;
        return new Shape(dimensions);
    }

    static Shape without(Shape shape, int axis) {
        return shape.slice(0, axis).addAll(shape.slice(axis + 1));
    }

    static Shape insert(Shape shape, int axis, long size) {
        return shape.slice(0, axis).add(size).addAll(shape.slice(axis));
    }

    /** The shape to which both broadcast. */
    static Shape broadcast(Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.dimension(), b.dimension());
        long[] result = new long[rank];
        for (int i = 0; i < rank; i++) {
            long left = at(a, i - rank + a.dimension());
            long right = at(b, i - rank + b.dimension());
            if (left != right && left != 1 && right != 1) {
                throw new IllegalArgumentException(
                        "shapes "
                                + a
                                + " and "
                                + b
                                + " do not broadcast: "
                                + left
                                + " against "
                                + right);
            }
            result[i] = left == 1 ? right : left;
        }
        return new Shape(result);
    }

    private static long at(Shape shape, int dimension) {
        return dimension < 0 ? 1 : shape.get(dimension);
    }

    /** Fills in the one dimension given as -1. */
    static Shape resolve(Shape target, int size) {
        long[] dimensions = target.getShape().clone();
        int unknown = -1;
        long known = 1;
        for (int i = 0; i < dimensions.length; i++) {
            if (dimensions[i] == -1 && unknown == -1) {
                unknown = i;
            } else {
                known *= dimensions[i];
            }
        }
        if (unknown >= 0 && known != 0) {
            dimensions[unknown] = size / known;
            known *= dimensions[unknown];
        }
        if (known != size || Arrays.stream(dimensions).anyMatch(dimension -> dimension < 0)) {
            throw new IllegalArgumentException(
                    "cannot reshape an array of " + size + " elements to " + target);
        }
        return new Shape(dimensions);
    }
}
