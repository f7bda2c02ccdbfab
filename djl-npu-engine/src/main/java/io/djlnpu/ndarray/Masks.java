package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** What truth values pick out. */
final class Masks {

    private Masks() {}

    static int count(Tensor mask) {
        int count = 0;
        for (int i = 0; i < mask.size(); i++) {
            count += isSet(mask, i) ? 1 : 0;
        }
        return count;
    }

    private static boolean isSet(Tensor mask, int index) {
        if (mask.data() instanceof ComplexStorage complex) {
            return complex.pairs()[2 * index] != 0 || complex.pairs()[2 * index + 1] != 0;
        }
        return mask.getDouble(index) != 0;
    }

    /** The coordinates of what is not zero, INT64 of shape [count, rank]. */
    static Tensor nonzero(Tensor a) {
        // A scalar counts as a vector of one.
        int[] strides = a.isScalar() ? new int[] {1} : Dimensions.strides(a.shape());
        Tensor result = Tensor.allocate(DataType.INT64, new Shape(count(a), strides.length));
        int row = 0;
        for (int i = 0; i < a.size(); i++) {
            if (isSet(a, i)) {
                int rest = i;
                for (int j = 0; j < strides.length; j++) {
                    result.data().setLong(row * strides.length + j, rest / strides[j]);
                    rest %= strides[j];
                }
                row++;
            }
        }
        return result;
    }

    /**
     * Keeps what the mask, which covers the dimensions from {@code axis} on, marks; the covered
     * dimensions become one.
     */
    static Tensor select(Tensor a, Tensor mask, int axis) {
        int end = axis + mask.rank();
        if (a.isScalar() || end > a.rank() || !a.shape().slice(axis, end).equals(mask.shape())) {
            throw new IllegalArgumentException(
                    "a mask of shape "
                            + mask.shape()
                            + " does not fit an array of shape "
                            + a.shape()
                            + " from axis "
                            + axis
                            + " on");
        }
        int outer = Dimensions.size(a.shape().slice(0, axis));
        int inner = Dimensions.size(a.shape().slice(end));
        Tensor result =
                Tensor.allocate(
                        a.type(),
                        a.shape().slice(0, axis).add(count(mask)).addAll(a.shape().slice(end)));
        int next = 0;
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < mask.size(); j++) {
                if (isSet(mask, j)) {
                    result.data().copy(a.data(), (i * mask.size() + j) * inner, next, inner);
                    next += inner;
                }
            }
        }
        return result;
    }

    /**
     * Replaces by {@code value} what lies past each sequence's length; {@code a} is [batch,
     * sequence, ...].
     */
    static Tensor sequence(Tensor a, Tensor lengths, double value) {
        if (a.rank() < 2 || a.size() == 0 || lengths.size() != a.shape().get(0)) {
            throw new IllegalArgumentException(
                    "sequenceMask: an array of shape "
                            + a.shape()
                            + " with lengths of shape "
                            + lengths.shape());
        }
        Tensor result = new Tensor(a.shape(), a.data().duplicate());
        Lanes lanes = Lanes.of(a.shape(), 1);
        for (int i = 0; i < result.size(); i++) {
            int batch = i / (lanes.length() * lanes.inner());
            int position = i / lanes.inner() % lanes.length();
            if (position >= lengths.getDouble(batch)) {
                result.data().setDouble(i, value);
            }
        }
        return result;
    }
}
