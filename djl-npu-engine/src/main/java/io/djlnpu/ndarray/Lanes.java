package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;

/**
 * An array seen along one axis: {@code outer x length x inner} elements. A lane is one line along
 * the axis; lane {@code i} starts at {@link #start} and its elements lie {@code inner} apart.
 */
record Lanes(int outer, int length, int inner) {

    static Lanes of(Shape shape, int axis) {
        if (shape.dimension() == 0) {
            return new Lanes(1, 1, 1);
        }
        int outer = Dimensions.size(shape.slice(0, axis));
        int inner = Dimensions.size(shape.slice(axis + 1));
        return new Lanes(outer, Math.toIntExact(shape.get(axis)), inner);
    }

    int count() {
        return outer * inner;
    }

    int start(int lane) {
        return lane / inner * length * inner + lane % inner;
    }

    int index(int lane, int position) {
        return start(lane) + position * inner;
    }

    /** The same lanes with another length. */
    Lanes withLength(int newLength) {
        return new Lanes(outer, newLength, inner);
    }
}
