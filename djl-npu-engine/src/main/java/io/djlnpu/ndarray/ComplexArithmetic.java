package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** The four operators on complex numbers, and the ways in and out of them. */
final class ComplexArithmetic {

    private ComplexArithmetic() {}

    private interface Operator {
        void apply(
                double realA,
                double imaginaryA,
                double realB,
                double imaginaryB,
                float[] target,
                int index);
    }

    static Tensor add(Tensor a, Tensor b) {
        return apply(a, b, (ar, ai, br, bi, target, i) -> set(target, i, ar + br, ai + bi));
    }

    static Tensor sub(Tensor a, Tensor b) {
        return apply(a, b, (ar, ai, br, bi, target, i) -> set(target, i, ar - br, ai - bi));
    }

    static Tensor mul(Tensor a, Tensor b) {
        return apply(
                a,
                b,
                (ar, ai, br, bi, target, i) ->
                        set(target, i, ar * br - ai * bi, ar * bi + ai * br));
    }

    static Tensor div(Tensor a, Tensor b) {
        return apply(
                a,
                b,
                (ar, ai, br, bi, target, i) -> {
                    double norm = br * br + bi * bi;
                    set(target, i, (ar * br + ai * bi) / norm, (ai * br - ar * bi) / norm);
                });
    }

    private static void set(float[] target, int index, double real, double imaginary) {
        target[2 * index] = (float) real;
        target[2 * index + 1] = (float) imaginary;
    }

    private static Tensor apply(Tensor a, Tensor b, Operator operator) {
        Shape shape = Dimensions.broadcast(a.shape(), b.shape());
        float[] left = pairs(StridedView.broadcast(a.cast(DataType.COMPLEX64), shape));
        float[] right = pairs(StridedView.broadcast(b.cast(DataType.COMPLEX64), shape));
        float[] target = new float[left.length];
        for (int i = 0; i < target.length / 2; i++) {
            operator.apply(left[2 * i], left[2 * i + 1], right[2 * i], right[2 * i + 1], target, i);
        }
        return new Tensor(shape, new ComplexStorage(target));
    }

    static float[] pairs(Tensor complex) {
        return ((ComplexStorage) complex.data()).pairs();
    }

    static Tensor conjugate(Tensor a) {
        if (a.type() != DataType.COMPLEX64) {
            return a;
        }
        float[] values = pairs(a).clone();
        for (int i = 1; i < values.length; i += 2) {
            values[i] = -values[i];
        }
        return new Tensor(a.shape(), new ComplexStorage(values));
    }

    /** {@code [..., 2]} floats to {@code [...]} complex numbers. */
    static Tensor fromPairs(Tensor a) {
        int last = a.rank() - 1;
        if (a.isScalar() || a.shape().get(last) != 2) {
            throw new IllegalArgumentException(
                    "complex() takes pairs in the last dimension, shape [..., 2]; found "
                            + a.shape());
        }
        float[] values = Arrays.copyOf(a.floats(), a.size());
        return new Tensor(a.shape().slice(0, last), new ComplexStorage(values));
    }

    /** {@code [...]} complex numbers to {@code [..., 2]} floats. */
    static Tensor toPairs(Tensor a) {
        if (a.type() != DataType.COMPLEX64) {
            throw new UnsupportedOperationException(
                    "real() takes an array of COMPLEX64; this one is " + a.type());
        }
        return Tensor.ofFloats(a.shape().add(2), pairs(a).clone());
    }
}
