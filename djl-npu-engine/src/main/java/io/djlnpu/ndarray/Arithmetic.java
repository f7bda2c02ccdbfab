package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** The arithmetic operators, with loops of their own for contiguous float32. */
final class Arithmetic {

    private Arithmetic() {}

    static Tensor add(Tensor a, Tensor b) {
        Tensor fast = FloatArithmetic.apply(FloatArithmetic.Operator.ADD, a, b);
        return fast != null
                ? fast
                : isComplex(a, b)
                        ? ComplexArithmetic.add(a, b)
                        : ElementWise.binary(a, b, (x, y) -> x + y, Long::sum);
    }

    static Tensor sub(Tensor a, Tensor b) {
        Tensor fast = FloatArithmetic.apply(FloatArithmetic.Operator.SUBTRACT, a, b);
        return fast != null
                ? fast
                : isComplex(a, b)
                        ? ComplexArithmetic.sub(a, b)
                        : ElementWise.binary(a, b, (x, y) -> x - y, (x, y) -> x - y);
    }

    static Tensor mul(Tensor a, Tensor b) {
        Tensor fast = FloatArithmetic.apply(FloatArithmetic.Operator.MULTIPLY, a, b);
        return fast != null
                ? fast
                : isComplex(a, b)
                        ? ComplexArithmetic.mul(a, b)
                        : ElementWise.binary(a, b, (x, y) -> x * y, (x, y) -> x * y);
    }

    /** True division: whole numbers give FLOAT32. */
    static Tensor div(Tensor a, Tensor b) {
        Tensor fast = FloatArithmetic.apply(FloatArithmetic.Operator.DIVIDE, a, b);
        return fast != null
                ? fast
                : isComplex(a, b)
                        ? ComplexArithmetic.div(a, b)
                        : ElementWise.realBinary(a, b, (x, y) -> x / y);
    }

    /** The remainder with the sign of the divisor. */
    static Tensor mod(Tensor a, Tensor b) {
        boolean unsigned = Casts.common(a, b) == DataType.UINT64;
        return ElementWise.binary(
                a, b, Arithmetic::floorMod, unsigned ? Long::remainderUnsigned : Math::floorMod);
    }

    private static double floorMod(double a, double b) {
        double remainder = a % b;
        return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
    }

    static Tensor pow(Tensor a, Tensor b) {
        return ElementWise.binary(a, b, Math::pow, Arithmetic::pow);
    }

    /** The square; truth values count as INT64 first. */
    static Tensor square(Tensor a) {
        Tensor number = a.type() == DataType.BOOLEAN ? a.cast(DataType.INT64) : a;
        return mul(number, number);
    }

    private static long pow(long base, long exponent) {
        if (exponent < 0) {
            return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
        }
        long result = 1;
        for (long square = base, left = exponent; left > 0; left >>= 1, square *= square) {
            result = (left & 1) == 1 ? result * square : result;
        }
        return result;
    }

    /** {@code a * log(b)}, and 0 where {@code a} is 0 and {@code b} is a number. */
    static Tensor xlogy(Tensor a, Tensor b) {
        return ElementWise.realBinary(
                a, b, (x, y) -> x == 0 && !Double.isNaN(y) ? 0 : x * Math.log(y));
    }

    static Tensor maximum(Tensor a, Tensor b) {
        boolean unsigned = Casts.common(a, b) == DataType.UINT64;
        return ElementWise.binary(
                a,
                b,
                Math::max,
                unsigned ? (x, y) -> Long.compareUnsigned(x, y) > 0 ? x : y : Math::max);
    }

    static Tensor minimum(Tensor a, Tensor b) {
        boolean unsigned = Casts.common(a, b) == DataType.UINT64;
        return ElementWise.binary(
                a,
                b,
                Math::min,
                unsigned ? (x, y) -> Long.compareUnsigned(x, y) < 0 ? x : y : Math::min);
    }

    static Tensor clip(Tensor a, Number min, Number max) {
        return minimum(maximum(a, Tensor.ofNumber(min)), Tensor.ofNumber(max));
    }

    /**
     * The elements of {@code a} where the condition holds, of {@code b} elsewhere. A vector that
     * fits the first axis alone chooses whole rows, as DJL's other engines let it.
     */
    static Tensor where(Tensor chooser, Tensor a, Tensor b) {
        DataType type = Casts.common(a, b);
        Shape values = Dimensions.broadcast(a.shape(), b.shape());
        Tensor condition = choosesRows(chooser, values) ? asColumn(chooser, values) : chooser;
        Shape shape = Dimensions.broadcast(condition.shape(), values);
        Tensor result = Tensor.allocate(type, shape);
        Storage test = StridedView.broadcast(condition, shape).data();
        Storage left = StridedView.broadcast(a.cast(type), shape).data();
        Storage right = StridedView.broadcast(b.cast(type), shape).data();
        for (int i = 0; i < result.size(); i++) {
            result.data().copy(test.getDouble(i) != 0 ? left : right, i, i, 1);
        }
        return result;
    }

    private static boolean choosesRows(Tensor condition, Shape values) {
        int rank = values.dimension();
        return condition.rank() == 1
                && rank > 1
                && condition.size() > 1
                && condition.size() == values.get(0)
                && values.get(rank - 1) != 1
                && values.get(rank - 1) != condition.size();
    }

    private static Tensor asColumn(Tensor condition, Shape values) {
        long[] column = new long[values.dimension()];
        Arrays.fill(column, 1);
        column[0] = condition.size();
        return condition.reshape(column);
    }

    private static boolean isComplex(Tensor a, Tensor b) {
        return a.type() == DataType.COMPLEX64 || b.type() == DataType.COMPLEX64;
    }
}
