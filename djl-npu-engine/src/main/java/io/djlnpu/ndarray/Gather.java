package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Reading and writing at positions that another array names. */
final class Gather {

    private Gather() {}

    /** {@code out[i][j] = a[index[i][j]][j]} for axis 0, and so on. */
    static Tensor gather(Tensor a, Tensor index, int axis) {
        Tensor result = Tensor.allocate(a.type(), index.shape());
        int[] places = places(a.shape(), index, axis);
        for (int i = 0; i < places.length; i++) {
            result.data().copy(a.data(), places[i], i, 1);
        }
        return result;
    }

    /** {@code out[index[i][j]][j] = value[i][j]} for axis 0, and so on; the rest is {@code a}. */
    static Tensor scatter(Tensor a, Tensor index, Tensor value, int axis) {
        Tensor result = new Tensor(a.shape(), a.data().duplicate());
        Tensor typed = value.cast(a.type());
        StridedView covered = StridedView.of(typed);
        for (int i = 0; i < index.rank(); i++) {
            covered = covered.slice(i, 0, 1, (int) index.shape().get(i));
        }
        Storage values = covered.toTensor().data();
        int[] places = places(a.shape(), index, axis);
        for (int i = 0; i < places.length; i++) {
            result.data().copy(values, i, places[i], 1);
        }
        return result;
    }

    /** For each element of the index the place in {@code shape} that it names. */
    private static int[] places(Shape shape, Tensor index, int axis) {
        if (index.rank() != shape.dimension()) {
            throw new IllegalArgumentException(
                    "the index has shape "
                            + index.shape()
                            + ", the array "
                            + shape
                            + ": they need the same number of dimensions");
        }
        for (int i = 0; i < index.rank(); i++) {
            if (i != axis && index.shape().get(i) > shape.get(i)) {
                throw new IllegalArgumentException(
                        "the index of shape "
                                + index.shape()
                                + " is larger than the array of shape "
                                + shape);
            }
        }
        int[] strides = Dimensions.strides(shape);
        int[] own = Dimensions.strides(index.shape());
        int[] places = new int[index.size()];
        for (int i = 0; i < places.length; i++) {
            int rest = i;
            for (int j = 0; j < own.length; j++) {
                int coordinate = rest / own[j];
                rest %= own[j];
                places[i] +=
                        strides[j]
                                * (j == axis
                                        ? position(index.getLong(i), shape.get(j))
                                        : coordinate);
            }
            if (own.length == 0) {
                position(index.getLong(i), 1);
            }
        }
        return places;
    }

    private static int position(long index, long size) {
        if (index < -size || index >= size) {
            throw new IndexOutOfBoundsException(
                    "index " + index + " is out of range for " + size + " elements");
        }
        return (int) (index < 0 ? index + size : index);
    }

    /** The elements at row-major positions. */
    static Tensor take(Tensor a, Tensor index) {
        Tensor result = Tensor.allocate(a.type(), index.shape());
        for (int i = 0; i < index.size(); i++) {
            result.data().copy(a.data(), position(index.getLong(i), a.size()), i, 1);
        }
        return result;
    }

    /** {@code a} with the elements at row-major positions replaced. */
    static Tensor put(Tensor a, Tensor index, Tensor value) {
        Tensor result = new Tensor(a.shape(), a.data().duplicate());
        if (index.size() != value.size()) {
            throw new IllegalArgumentException(
                    "put: " + index.size() + " positions and " + value.size() + " values");
        }
        Storage values = value.cast(a.type()).data();
        for (int i = 0; i < index.size(); i++) {
            result.data().copy(values, i, position(index.getLong(i), a.size()), 1);
        }
        return result;
    }

    /**
     * Row {@code index[k]} along each of the first dimensions: {@code index} has shape [depth,
     * ...], the result [..., rest].
     */
    static Tensor gatherNd(Tensor a, Tensor index) {
        int depth = index.isScalar() ? 1 : (int) index.shape().get(0);
        if (index.isScalar() || depth > a.rank()) {
            throw new IllegalArgumentException(
                    "gatherNd: an index of shape "
                            + index.shape()
                            + " for an array of shape "
                            + a.shape());
        }
        Shape rest = a.shape().slice(depth);
        int row = Dimensions.size(rest);
        int[] strides = Dimensions.strides(a.shape());
        int count = index.size() / depth;
        Tensor result = Tensor.allocate(a.type(), index.shape().slice(1).addAll(rest));
        for (int i = 0; i < count; i++) {
            int place = 0;
            for (int j = 0; j < depth; j++) {
                place += strides[j] * position(index.getLong(j * count + i), a.shape().get(j));
            }
            result.data().copy(a.data(), place, i * row, row);
        }
        return result;
    }

    /** A row of {@code depth} elements for each index: {@code off}, and {@code on} at the index. */
    static Tensor oneHot(Tensor index, int depth, double on, double off, DataType type) {
        Tensor result = Tensor.fill(type, index.shape().add(depth), i -> off);
        for (int i = 0; i < index.size(); i++) {
            long position = index.getLong(i);
            if (position >= 0 && position < depth) {
                result.data().setDouble(i * depth + (int) position, on);
            }
        }
        return result;
    }
}
