package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Functions applied to every element, operands broadcast to one shape.
 *
 * <p><b>Numerics:</b> both operands are cast to the type in which they meet ({@link Casts#common});
 * floats are computed in double and rounded once to that type, whole numbers in long with
 * wrap-around.
 */
final class ElementWise {

    private ElementWise() {}

    /** Tells whether a relation holds. */
    interface DoubleRelation {
        boolean holds(double a, double b);
    }

    interface LongRelation {
        boolean holds(long a, long b);
    }

    /** A function to the reals: whole numbers become FLOAT32 first. */
    static Tensor real(Tensor a, DoubleUnaryOperator function) {
        refuseComplex(a);
        Tensor result = Tensor.allocate(Casts.floating(a.type()), a.shape());
        if (a.data() instanceof FloatStorage from && result.data() instanceof FloatStorage to) {
            float[] values = from.values();
            float[] target = to.values();
            for (int i = 0; i < target.length; i++) {
                target[i] = (float) function.applyAsDouble(values[i]);
            }
            return result;
        }
        for (int i = 0; i < a.size(); i++) {
            result.data().setDouble(i, function.applyAsDouble(a.getDouble(i)));
        }
        return result;
    }

    /** A function that keeps the type. */
    static Tensor same(Tensor a, DoubleUnaryOperator real, LongUnaryOperator whole) {
        if (!Casts.isWhole(a.type())) {
            return real(a, real);
        }
        return Tensor.fillLongs(a.type(), a.shape(), i -> whole.applyAsLong(a.getLong(i)));
    }

    static Tensor test(Tensor a, DoublePredicateOfElement predicate) {
        refuseComplex(a);
        return Tensor.fillLongs(
                DataType.BOOLEAN, a.shape(), i -> predicate.test(a.getDouble(i)) ? 1 : 0);
    }

    /** A question about one element. */
    interface DoublePredicateOfElement {
        boolean test(double value);
    }

    static Tensor binary(Tensor a, Tensor b, DoubleBinaryOperator real, LongBinaryOperator whole) {
        DataType type = Casts.common(a, b);
        return Casts.isWhole(type)
                ? whole(a.cast(type), b.cast(type), whole)
                : real(a.cast(type), b.cast(type), real);
    }

    /** Like {@link #binary}, but whole numbers become FLOAT32 first. */
    static Tensor realBinary(Tensor a, Tensor b, DoubleBinaryOperator function) {
        DataType type = Casts.floating(Casts.common(a, b));
        return real(a.cast(type), b.cast(type), function);
    }

    private static Tensor real(Tensor a, Tensor b, DoubleBinaryOperator function) {
        refuseComplex(a);
        Shape shape = Dimensions.broadcast(a.shape(), b.shape());
        Tensor result = Tensor.allocate(a.type(), shape);
        Storage left = spread(a, shape);
        Storage right = spread(b, shape);
        int leftStep = left.size() == 1 ? 0 : 1;
        int rightStep = right.size() == 1 ? 0 : 1;
        for (int i = 0; i < result.size(); i++) {
            result.data()
                    .setDouble(
                            i,
                            function.applyAsDouble(
                                    left.getDouble(i * leftStep), right.getDouble(i * rightStep)));
        }
        return result;
    }

    private static Tensor whole(Tensor a, Tensor b, LongBinaryOperator function) {
        Shape shape = Dimensions.broadcast(a.shape(), b.shape());
        Tensor result = Tensor.allocate(a.type(), shape);
        Storage left = spread(a, shape);
        Storage right = spread(b, shape);
        int leftStep = left.size() == 1 ? 0 : 1;
        int rightStep = right.size() == 1 ? 0 : 1;
        for (int i = 0; i < result.size(); i++) {
            result.data()
                    .setLong(
                            i,
                            function.applyAsLong(
                                    left.getLong(i * leftStep), right.getLong(i * rightStep)));
        }
        return result;
    }

    static Tensor compare(Tensor a, Tensor b, DoubleRelation real, LongRelation whole) {
        DataType type = Casts.common(a, b);
        Tensor left = a.cast(type);
        Tensor right = b.cast(type);
        Shape shape = Dimensions.broadcast(a.shape(), b.shape());
        Storage leftData = spread(left, shape);
        Storage rightData = spread(right, shape);
        int leftStep = leftData.size() == 1 ? 0 : 1;
        int rightStep = rightData.size() == 1 ? 0 : 1;
        // Unsigned longs compare like signed ones once the top bit is flipped.
        long flip = type == DataType.UINT64 ? Long.MIN_VALUE : 0;
        if (Casts.isWhole(type)) {
            return Tensor.fillLongs(
                    DataType.BOOLEAN,
                    shape,
                    i ->
                            whole.holds(
                                            leftData.getLong(i * leftStep) ^ flip,
                                            rightData.getLong(i * rightStep) ^ flip)
                                    ? 1
                                    : 0);
        }
        refuseComplex(left);
        return Tensor.fillLongs(
                DataType.BOOLEAN,
                shape,
                i ->
                        real.holds(
                                        leftData.getDouble(i * leftStep),
                                        rightData.getDouble(i * rightStep))
                                ? 1
                                : 0);
    }

    /** The contents seen in {@code shape}; one element alone is left for the caller to repeat. */
    static Storage spread(Tensor a, Shape shape) {
        return a.size() == 1 ? a.data() : StridedView.broadcast(a, shape).data();
    }

    private static void refuseComplex(Tensor a) {
        if (a.type() == DataType.COMPLEX64) {
            throw new UnsupportedOperationException(
                    "this operation is not defined here for COMPLEX64; add, sub, mul, div, conj, real and the Fourier transforms are");
        }
    }
}
