package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.Shape;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NDArrayElementArithmeticOpBehaviourTest extends ArrayBehaviour {

    private interface Formula {
        double of(double a, double b);
    }

    private static final float[] LEFT = {7, 3, 16, 9, 1, 25};
    private static final float[] RIGHT = {2, 3, 4, -2, 5, 2};
    private static final Shape MATRIX = new Shape(2, 3);

    /** DJL's method asks for the gradient of the sum, too. */
    @Test
    @Tag("refused")
    void addScalar() {
        withNumber(NDArrays::add, NDArrays::addi, Double::sum);
        assertThatThrownBy(() -> floats(1).setRequiresGradient(true))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("gradient");
    }

    @Test
    void addNDArray() {
        between(NDArrays::add, NDArrays::addi, Double::sum);
        NDArray[] three = {floats(1, 2), floats(30, 40), floats(500, 600)};
        NDArray sum = NDArrays.add(three);
        same(sum, floats(531, 642));
        same(three[0], floats(1, 2));
        inPlace(NDArrays.addi(three), three[0], sum);
    }

    @Test
    void subScalar() {
        withNumber(NDArrays::sub, NDArrays::subi, (a, b) -> a - b);
    }

    @Test
    void subNDArray() {
        between(NDArrays::sub, NDArrays::subi, (a, b) -> a - b);
    }

    @Test
    void reverseSubScalar() {
        fromNumber(NDArrays::sub, NDArrays::subi, (number, x) -> number - x);
    }

    @Test
    void reverseSubNDArray() {
        between(
                (a, b) -> a.getNDArrayInternal().rsub(b),
                (a, b) -> a.getNDArrayInternal().rsubi(b),
                (a, b) -> b - a);
    }

    @Test
    void mulScalar() {
        withNumber(NDArrays::mul, NDArrays::muli, (a, b) -> a * b);
    }

    @Test
    void mulNDArray() {
        between(NDArrays::mul, NDArrays::muli, (a, b) -> a * b);
        NDArray[] three = {floats(1, 2), floats(3, 4), floats(5, -6)};
        NDArray product = NDArrays.mul(three);
        assertThat(product).isNotSameAs(three[0]);
        same(product, floats(15, -48));
        inPlace(NDArrays.muli(three), three[0], product);
    }

    /** DJL's method asks for the gradient of a product of matrices, too. */
    @Test
    @Tag("refused")
    void dot() {
        NDArray matrix = floats(MATRIX, 1, -2, 3, 0, 4, 5);
        dot(matrix, floats(new Shape(3, 1), 2, 3, 4), floats(new Shape(2, 1), 8, 32));
        dot(floats(3, 4), floats(5, 6), manager.create(39f));
        dot(manager.create(4f), floats(2, 3), floats(8, 12));
        dot(floats(1, 2), matrix, floats(1, 6, 13));
        dot(
                floats(new Shape(2, 1), 1, 3),
                manager.arange(1f, 5f).reshape(2, 1, 2),
                floats(new Shape(2, 2, 2), 1, 2, 3, 4, 3, 6, 9, 12));
        dot(manager.create(4f), manager.create(-2f), manager.create(-8f));
        dot(empty(2, 0), empty(0, 3), manager.zeros(MATRIX));
        assertThatThrownBy(() -> matrix.setRequiresGradient(true))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    private static void dot(NDArray a, NDArray b, NDArray expected) {
        same(a.dot(b), expected);
        same(NDArrays.dot(a, b), expected);
    }

    @Test
    void matMul() {
        NDArray matrix = floats(MATRIX, 1, -2, 3, 0, 4, 5);
        same(matrix.matMul(floats(new Shape(3, 1), 2, 3, 4)), floats(new Shape(2, 1), 8, 32));
        same(
                manager.arange(8f).reshape(2, 2, 2).matMul(floats(new Shape(2, 2), 1, 2, 3, 4)),
                floats(new Shape(2, 2, 2), 3, 4, 11, 16, 19, 28, 27, 40));
        same(floats(1, 2).matMul(matrix), floats(1, 6, 13));
        assertThatThrownBy(() -> manager.create(1f).matMul(matrix))
                .isInstanceOf(IllegalArgumentException.class);
        same(empty(0, 3).matMul(empty(3, 0)), empty(0, 0));
        same(empty(3, 0).matMul(empty(0, 2)), manager.zeros(new Shape(3, 2)));
    }

    @Test
    void divScalar() {
        withNumber(NDArrays::div, NDArrays::divi, (a, b) -> a / b);
    }

    @Test
    void divNDArray() {
        between(NDArrays::div, NDArrays::divi, (a, b) -> a / b);
    }

    @Test
    void reverseDivScalar() {
        fromNumber(NDArrays::div, NDArrays::divi, (number, x) -> number / x);
    }

    @Test
    void reverseDivNDArray() {
        between(
                (a, b) -> a.getNDArrayInternal().rdiv(b),
                (a, b) -> a.getNDArrayInternal().rdivi(b),
                (a, b) -> b / a);
    }

    @Test
    void modScalar() {
        withNumber(NDArrays::mod, NDArrays::modi, (a, b) -> a % b);
    }

    @Test
    void modNDArray() {
        betweenPositives(NDArrays::mod, NDArrays::modi, (a, b) -> a % b);
    }

    @Test
    void reverseModScalar() {
        fromNumber(NDArrays::mod, NDArrays::modi, (number, x) -> number % x);
    }

    @Test
    void reverseModNDArray() {
        betweenPositives(
                (a, b) -> a.getNDArrayInternal().rmod(b),
                (a, b) -> a.getNDArrayInternal().rmodi(b),
                (a, b) -> b % a);
    }

    @Test
    void powScalar() {
        withNumber(NDArray::pow, NDArray::powi, Math::pow);
    }

    @Test
    void powNDArray() {
        between(NDArrays::pow, NDArrays::powi, Math::pow);
        same(floats(5, 0, 2).pow(floats(0, 3, -2)), floats(1, 0, 0.25f));
    }

    @Test
    void reversePowScalar() {
        fromNumber(NDArrays::pow, NDArrays::powi, Math::pow);
    }

    @Test
    void batchDot() {
        NDArray a = floats(new Shape(2, 1, 2), 1, 2, 3, 4);
        NDArray b = floats(new Shape(2, 2, 3), 1, 0, 2, 0, 1, 2, 1, 1, 0, 1, 0, 1);
        same(a.batchDot(b), floats(new Shape(2, 1, 3), 1, 2, 6, 7, 3, 4));
    }

    @Test
    @Tag("contract")
    void batchMatMul() {
        NDArray a = floats(new Shape(2, 1, 2), 1, 2, 3, 4);
        NDArray b = floats(new Shape(2, 2, 3), 1, 0, 2, 0, 1, 2, 1, 1, 0, 1, 0, 1);
        same(a.batchMatMul(b), floats(new Shape(2, 1, 3), 1, 2, 6, 7, 3, 4));
    }

    @Test
    @Tag("contract")
    void xlogy() {
        close(floats(0, 2, 3).xlogy(floats(0, 1, 2)), floats(0, 0, (float) (3 * Math.log(2))));
        same(empty(0, 2).xlogy(empty(0, 2)), empty(0, 2));
    }

    private void withNumber(
            BiFunction<NDArray, Number, NDArray> operation,
            BiFunction<NDArray, Number, NDArray> changing,
            Formula formula) {
        NDArray expected = floats(MATRIX, apply(LEFT, x -> formula.of(x, 2)));
        NDArray array = floats(MATRIX, LEFT);
        close(operation.apply(array, 2), expected, 1e-6);
        same(array, floats(MATRIX, LEFT));
        NDArray changed = changing.apply(array, 2);
        assertThat(changed).isSameAs(array);
        close(array, expected, 1e-6);

        NDArray scalar = manager.create(20f);
        close(operation.apply(scalar, 4f), manager.create((float) formula.of(20, 4)), 1e-6);
        assertThat(changing.apply(scalar, 4f)).isSameAs(scalar);
        close(scalar, manager.create((float) formula.of(20, 4)), 1e-6);
        same(operation.apply(empty(2, 0), 4f), empty(2, 0));
    }

    private void fromNumber(
            BiFunction<Number, NDArray, NDArray> operation,
            BiFunction<Number, NDArray, NDArray> changing,
            Formula formula) {
        NDArray expected = floats(MATRIX, apply(LEFT, x -> formula.of(3, x)));
        NDArray array = floats(MATRIX, LEFT);
        close(operation.apply(3, array), expected, 1e-6);
        same(array, floats(MATRIX, LEFT));
        assertThat(changing.apply(3, array)).isSameAs(array);
        close(array, expected, 1e-6);

        NDArray scalar = manager.create(9f);
        close(operation.apply(3f, scalar), manager.create((float) formula.of(3, 9)), 1e-6);
        same(operation.apply(3f, empty(0, 2, 3)), empty(0, 2, 3));
    }

    private void between(
            BinaryOperator<NDArray> operation, BinaryOperator<NDArray> changing, Formula formula) {
        between(operation, changing, formula, RIGHT);
    }

    /** Of remainders with a negative divisor, engines think differently. */
    private void betweenPositives(
            BinaryOperator<NDArray> operation, BinaryOperator<NDArray> changing, Formula formula) {
        between(operation, changing, formula, apply(RIGHT, Math::abs));
    }

    private void between(
            BinaryOperator<NDArray> operation,
            BinaryOperator<NDArray> changing,
            Formula formula,
            float[] values) {
        float[] results = new float[LEFT.length];
        for (int i = 0; i < results.length; i++) {
            results[i] = (float) formula.of(LEFT[i], values[i]);
        }
        NDArray expected = floats(MATRIX, results);
        NDArray left = floats(MATRIX, LEFT);
        NDArray right = floats(MATRIX, values);
        close(operation.apply(left, right), expected, 1e-6);
        same(left, floats(MATRIX, LEFT));
        assertThat(changing.apply(left, right)).isSameAs(left);
        close(left, expected, 1e-6);

        float scalar = (float) formula.of(10, 4);
        NDArray ten = manager.create(10f);
        NDArray four = manager.create(4f);
        close(operation.apply(ten, four), manager.create(scalar), 1e-6);
        close(operation.apply(floats(10, 10), four), floats(scalar, scalar), 1e-6);
        assertThat(changing.apply(ten, four)).isSameAs(ten);
        close(ten, manager.create(scalar), 1e-6);
        same(operation.apply(empty(4, 0, 1), empty(1, 0)), empty(4, 0, 0));
        same(operation.apply(floats(10), empty(2, 0, 3)), empty(2, 0, 3));
    }

    private static float[] apply(float[] values, java.util.function.DoubleUnaryOperator function) {
        float[] results = new float[values.length];
        for (int i = 0; i < results.length; i++) {
            results[i] = (float) function.applyAsDouble(values[i]);
        }
        return results;
    }
}
