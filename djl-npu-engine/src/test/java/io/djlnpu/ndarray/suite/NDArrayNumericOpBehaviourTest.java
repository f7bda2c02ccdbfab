package io.djlnpu.ndarray.suite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NDArrayNumericOpBehaviourTest extends ArrayBehaviour {

    private static final double[] ANY = {1, -2.25, 3.5, -4.75, 0.001, -17.5, 2.5, 0};
    private static final double[] POSITIVE = {1, 2.25, 1e-9, 4.75, Math.E, 225, 8, 1024};
    private static final double[] UNIT = {0, -0.75, 0.3, 0.5, -0.25, 0.9, -0.1, 0.125};

    @Test
    void negation() {
        check(NDArray::neg, x -> -x, ANY);
        inPlace(NDArray::negi, x -> -x);
    }

    @Test
    void abs() {
        check(NDArray::abs, Math::abs, ANY);
    }

    @Test
    void square() {
        check(NDArray::square, x -> x * x, ANY);
    }

    @Test
    void sqrt() {
        check(NDArray::sqrt, Math::sqrt, POSITIVE);
    }

    @Test
    void cbrt() {
        check(NDArray::cbrt, Math::cbrt, ANY);
    }

    @Test
    void floor() {
        check(NDArray::floor, Math::floor, ANY);
    }

    @Test
    void ceil() {
        check(NDArray::ceil, Math::ceil, ANY);
    }

    @Test
    void round() {
        check(NDArray::round, Math::rint, ANY);
        same(floats(0.5f, 1.5f, -0.5f, -2.5f).round(), floats(0, 2, -0f, -2));
    }

    @Test
    void trunc() {
        check(NDArray::trunc, x -> x < 0 ? Math.ceil(x) : Math.floor(x), ANY);
    }

    @Test
    void exp() {
        check(NDArray::exp, Math::exp, ANY);
        close(
                manager.create(new double[] {720, -800}).exp(),
                manager.create(new double[] {Double.POSITIVE_INFINITY, 0}));
    }

    @Test
    void log() {
        check(NDArray::log, Math::log, POSITIVE);
    }

    @Test
    void log10() {
        check(NDArray::log10, Math::log10, POSITIVE);
    }

    @Test
    void log2() {
        check(NDArray::log2, x -> Math.log(x) / Math.log(2), POSITIVE);
    }

    @Test
    void sin() {
        check(NDArray::sin, Math::sin, ANY);
    }

    @Test
    void cos() {
        check(NDArray::cos, Math::cos, ANY);
    }

    @Test
    void tan() {
        check(NDArray::tan, Math::tan, ANY);
    }

    @Test
    void asin() {
        check(NDArray::asin, Math::asin, UNIT);
    }

    @Test
    void acos() {
        check(NDArray::acos, Math::acos, UNIT);
    }

    @Test
    void atan() {
        check(NDArray::atan, Math::atan, ANY);
    }

    @Test
    void toDegrees() {
        check(NDArray::toDegrees, Math::toDegrees, ANY);
    }

    @Test
    void toRadians() {
        check(NDArray::toRadians, Math::toRadians, ANY);
    }

    @Test
    void sinh() {
        check(NDArray::sinh, Math::sinh, ANY);
    }

    @Test
    void cosh() {
        check(NDArray::cosh, Math::cosh, ANY);
    }

    @Test
    void tanh() {
        check(NDArray::tanh, Math::tanh, ANY);
    }

    @Test
    void asinh() {
        check(NDArray::asinh, x -> Math.signum(x) * arsinh(Math.abs(x)), ANY);
    }

    private static double arsinh(double x) {
        return Math.log(x + Math.sqrt(x * x + 1));
    }

    @Test
    void acosh() {
        check(
                NDArray::acosh,
                x -> Math.log(x + Math.sqrt(x * x - 1)),
                1,
                1.5,
                2,
                3.25,
                10,
                225,
                7,
                1.125);
    }

    @Test
    void atanh() {
        check(NDArray::atanh, x -> 0.5 * Math.log((1 + x) / (1 - x)), UNIT);
    }

    @Test
    void sign() {
        check(NDArray::sign, Math::signum, ANY);
        inPlace(NDArray::signi, Math::signum);
    }

    @Test
    @Tag("contract")
    void atan2() {
        NDArray y = manager.create(new double[] {1, -1, 0, 2.5});
        NDArray x = manager.create(new double[] {1, -2, -3, 0});
        close(
                y.atan2(x),
                manager.create(
                        new double[] {Math.atan2(1, 1), Math.atan2(-1, -2), Math.PI, Math.PI / 2}));
        same(empty(0, 2).atan2(empty(0, 2)), empty(0, 2));
    }

    @Test
    @Tag("contract")
    void gammaln() {
        close(
                floats(1, 2, 5, 0.5f).gammaln(),
                floats(0, 0, (float) Math.log(24), (float) Math.log(Math.sqrt(Math.PI))));
        same(empty(2, 0).gammaln(), empty(2, 0));
    }

    @Test
    @Tag("contract")
    void erf() {
        close(floats(0, 0.5f, -1, 9).erf(), floats(0, 0.5204999f, -0.8427008f, 1));
        same(empty(2, 0).erf(), empty(2, 0));
    }

    /** A vector and a box of doubles, a scalar of the first value as a float, an empty array. */
    private void check(
            UnaryOperator<NDArray> operation, DoubleUnaryOperator reference, double... values) {
        NDArray vector = manager.create(values);
        NDArray expected = manager.create(DoubleStream.of(values).map(reference).toArray());
        close(operation.apply(vector), expected, 1e-12);
        same(vector, manager.create(values));
        Shape box = new Shape(2, 1, 4);
        close(operation.apply(vector.reshape(box)), expected.reshape(box), 1e-12);
        close(
                operation.apply(manager.create((float) values[0])),
                manager.create((float) reference.applyAsDouble(values[0])),
                1e-6);
        same(operation.apply(empty(1, 0, 2)), empty(1, 0, 2));
    }

    private void inPlace(UnaryOperator<NDArray> operation, DoubleUnaryOperator reference) {
        NDArray array = manager.create(ANY, new Shape(2, 4));
        inPlace(
                operation.apply(array),
                array,
                manager.create(DoubleStream.of(ANY).map(reference).toArray(), new Shape(2, 4)));
        NDArray nothing = empty(2, 0, 1);
        inPlace(operation.apply(nothing), nothing, empty(2, 0, 1));
    }
}
