package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;

/**
 * Elements of a tensor picked by an offset and one stride per dimension: the one mechanism behind
 * slices, transposes, flips, broadcasts and diagonals. A stride may be 0 or negative.
 */
record StridedView(Storage base, int offset, int[] sizes, int[] strides) {

    static StridedView of(Tensor tensor) {
        return new StridedView(
                tensor.data(),
                0,
                Dimensions.sizes(tensor.shape()),
                Dimensions.strides(tensor.shape()));
    }

    static Tensor broadcast(Tensor tensor, Shape target) {
        if (tensor.shape().equals(target)) {
            return tensor;
        }
        if (!Dimensions.broadcast(tensor.shape(), target).equals(target)) {
            throw new IllegalArgumentException(
                    "shape " + tensor.shape() + " does not broadcast to " + target);
        }
        int[] own = Dimensions.strides(tensor.shape());
        int[] strides = new int[target.dimension()];
        int lead = strides.length - own.length;
        for (int i = 0; i < own.length; i++) {
            strides[lead + i] = tensor.shape().get(i) == 1 ? 0 : own[i];
        }
        return new StridedView(tensor.data(), 0, Dimensions.sizes(target), strides).toTensor();
    }

    /**
     * Keeps every {@code step}-th element of one dimension, {@code size} of them from {@code start}
     * on.
     */
    StridedView slice(int dimension, int start, int step, int size) {
        int[] newSizes = sizes.clone();
        int[] newStrides = strides.clone();
        newSizes[dimension] = size;
        newStrides[dimension] *= step;
        return new StridedView(base, offset + start * strides[dimension], newSizes, newStrides);
    }

    StridedView permute(int... order) {
        int[] newSizes = new int[order.length];
        int[] newStrides = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            newSizes[i] = sizes[order[i]];
            newStrides[i] = strides[order[i]];
        }
        return new StridedView(base, offset, newSizes, newStrides);
    }

    StridedView flip(int dimension) {
        return sizes[dimension] == 0
                ? this
                : slice(dimension, sizes[dimension] - 1, -1, sizes[dimension]);
    }

    Shape shape() {
        long[] shape = new long[sizes.length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = sizes[i];
        }
        return new Shape(shape);
    }

    Tensor toTensor() {
        Tensor result = Tensor.allocate(base.type(), shape());
        walk(
                (position, place, stride, count) ->
                        result.data().copyStrided(base, place, stride, position, 1, count));
        return result;
    }

    /**
     * Writes {@code values} (of this view's size and type, row-major) to the places this view
     * names.
     */
    void assign(Storage values) {
        walk(
                (position, place, stride, count) ->
                        base.copyStrided(values, position, 1, place, stride, count));
    }

    /** Calls {@code run} for each innermost run, in row-major order. */
    private void walk(Run run) {
        int rank = sizes.length;
        int total = Dimensions.size(shape());
        if (total == 0) {
            return;
        }
        int inner = rank;
        int count = 1;
        int stride = 1;
        // Dimensions that continue one another in memory are copied as one run.
        while (inner > 0
                && (count == 1 || sizes[inner - 1] == 1 || strides[inner - 1] == stride * count)) {
            inner--;
            if (sizes[inner] > 1) {
                stride = count == 1 ? strides[inner] : stride;
                count *= sizes[inner];
            }
        }
        int[] counter = new int[inner];
        int place = offset;
        for (int position = 0; position < total; position += count) {
            run.accept(position, place, stride, count);
            for (int i = inner - 1; i >= 0; i--) {
                place += strides[i];
                if (++counter[i] < sizes[i]) {
                    break;
                }
                place -= strides[i] * sizes[i];
                counter[i] = 0;
            }
        }
    }

    private interface Run {
        void accept(int position, int place, int stride, int count);
    }
}
