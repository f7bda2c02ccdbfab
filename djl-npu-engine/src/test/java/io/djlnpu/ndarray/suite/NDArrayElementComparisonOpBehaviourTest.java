package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NDArrayElementComparisonOpBehaviourTest extends ArrayBehaviour {

    private interface Relation {
        boolean holds(double a, double b);
    }

    private interface Choice {
        double of(double a, double b);
    }

    private static final float[] LEFT = {2, 3, 3, -4, 0, 8};
    private static final float[] RIGHT = {3, 2, 3, -4.5f, 0, 9};

    @Test
    void contentEquals() {
        assertThat(NDArrays.shapeEquals(floats(4, 5), floats(6, 7))).isTrue();
        assertThat(NDArrays.contentEquals(floats(4, 5), floats(4, 5))).isTrue();
        assertThat(NDArrays.neq(floats(4, 5), floats(4, 6)).toBooleanArray())
                .containsExactly(false, true);
        assertThat(manager.ones(new Shape(2, 3)).contentEquals(manager.ones(new Shape(1, 3))))
                .isFalse();

        assertThat(NDArrays.contentEquals(null, 1)).isFalse();
        NDArray scalar = manager.create(6f);
        assertThat(scalar.contentEquals(manager.create(6f))).isTrue();
        assertThat(NDArrays.contentEquals(scalar, 6f)).isTrue();
        assertThat(NDArrays.eq(6f, scalar).getBoolean()).isTrue();
        assertThat(NDArrays.neq(6f, scalar).getBoolean()).isFalse();
        assertThat(manager.create(7).contentEquals(manager.create(8))).isFalse();

        assertThat(manager.create(1f).contentEquals(manager.create(1d))).isFalse();
        assertThat(NDArrays.contentEquals(manager.create(true), 1)).isFalse();

        assertThat(empty(3, 0).contentEquals(empty(3, 0))).isTrue();
        assertThat(empty(0, 3, 0).contentEquals(empty(3, 0, 0))).isFalse();
    }

    @Test
    void equalsForScalar() {
        toNumber(NDArrays::eq, (a, b) -> a == b);
        same(
                NDArrays.eq(manager.ones(new Shape(2, 3, 2)), 1),
                manager.ones(new Shape(2, 3, 2), DataType.BOOLEAN));
        same(NDArrays.eq(manager.create(4), 4), manager.create(true));
    }

    @Test
    void equalsForEqualNDArray() {
        between(NDArrays::eq, (a, b) -> a == b);
        same(
                NDArrays.eq(manager.arange(6f).reshape(2, 3), manager.arange(6f).reshape(2, 3)),
                manager.ones(new Shape(2, 3), DataType.BOOLEAN));
    }

    @Test
    void allClose() {
        NDArray a = floats(1, 0, 3);
        NDArray near = floats(1.002f, 0.002f, 2.998f);
        assertThat(a.allClose(near, 0, 0.005, false)).isTrue();
        assertThat(a.allClose(near, 0, 0.001, false)).isFalse();
        assertThat(a.allClose(near, 1, 0, false)).isTrue();
        assertThat(NDArrays.allClose(a, near, 0, 0.005, false)).isTrue();

        NDArray gap = manager.create(new double[] {2, Double.NaN});
        assertThat(gap.allClose(gap.duplicate(), 0, 0, false)).isFalse();
        assertThat(gap.allClose(gap.duplicate(), 0, 0, true)).isTrue();
        NDArray turned = manager.create(new double[] {Double.NaN, 2});
        assertThat(gap.allClose(turned, 0, 0, true)).isFalse();
        assertThat(NDArrays.allClose(gap, turned, 0, 0, false)).isFalse();

        NDArray matrix = manager.arange(30f, 36f).reshape(2, 3);
        assertThat(matrix.allClose(matrix.add(2e-5f))).isTrue();
        assertThat(NDArrays.allClose(matrix, matrix.add(1))).isFalse();
        assertThat(manager.create(4f).allClose(manager.create(4d + 1e-6))).isTrue();
        assertThat(empty(0).allClose(empty(0))).isTrue();
    }

    @Test
    void greaterThanScalar() {
        toNumber(NDArrays::gt, (a, b) -> a > b);
        same(NDArrays.gt(3, floats(2, 3, 4)), booleans(true, false, false));
    }

    @Test
    void greaterThanNDArray() {
        between(NDArrays::gt, (a, b) -> a > b);
    }

    @Test
    void greaterThanOrEqualToScalar() {
        toNumber(NDArrays::gte, (a, b) -> a >= b);
        same(NDArrays.gte(3, floats(2, 3, 4)), booleans(true, true, false));
    }

    @Test
    void greaterThanOrEqualToNDArray() {
        between(NDArrays::gte, (a, b) -> a >= b);
    }

    @Test
    void lesserThanScalar() {
        toNumber(NDArrays::lt, (a, b) -> a < b);
        same(NDArrays.lt(3, floats(2, 3, 4)), booleans(false, false, true));
    }

    @Test
    void lesserThanNDArray() {
        between(NDArrays::lt, (a, b) -> a < b);
        same(
                NDArrays.lt(floats(1.5f, Math.nextUp(1.5f)), floats(Math.nextUp(1.5f), 1.5f)),
                booleans(true, false));
    }

    @Test
    void lesserThanOrEqualToScalar() {
        toNumber(NDArrays::lte, (a, b) -> a <= b);
        same(NDArrays.lte(3, floats(2, 3, 4)), booleans(false, true, true));
    }

    @Test
    void lesserThanOrEqualToNDArray() {
        between(NDArrays::lte, (a, b) -> a <= b);
    }

    @Test
    void maximumScalar() {
        chosenFromNumber(NDArray::maximum, NDArrays::maximum, Math::max);
    }

    @Test
    void maximumNDArray() {
        chosenBetween(NDArray::maximum, NDArrays::maximum, Math::max);
    }

    @Test
    void minimumScalar() {
        chosenFromNumber(NDArray::minimum, NDArrays::minimum, Math::min);
    }

    @Test
    void minimumNDArray() {
        chosenBetween(NDArray::minimum, NDArrays::minimum, Math::min);
    }

    @Test
    void where() {
        NDArray a = floats(1, 2, 3, 4);
        NDArray b = floats(-1, -2, -3, -4);
        NDArray condition = booleans(true, false, false, true);
        same(NDArrays.where(condition, a, b), floats(1, -2, -3, 4));
        same(
                NDArrays.where(condition.reshape(2, 2), a.reshape(2, 2), b.reshape(2, 2)),
                floats(new Shape(2, 2), 1, -2, -3, 4));
        // The condition chooses among rows when it has only as many values.
        same(
                NDArrays.where(
                        booleans(false, true),
                        manager.arange(6f).reshape(2, 3),
                        manager.arange(-6f, 0f).reshape(2, 3)),
                floats(new Shape(2, 3), -6, -5, -4, 3, 4, 5));
        same(
                NDArrays.where(
                        booleans(new Shape(2, 3), true, false, true, false, true, false),
                        floats(new Shape(2, 1), 10, 20),
                        floats(new Shape(1, 3), 1, 2, 3)),
                floats(new Shape(2, 3), 10, 2, 10, 1, 20, 3));
        same(
                NDArrays.where(a.lt(3), a, a.mul(10)), //
                floats(1, 2, 30, 40));
        same(
                NDArrays.where(a.reshape(2, 2).lt(4), a.reshape(2, 2), floats(-1)),
                floats(new Shape(2, 2), 1, 2, 3, -1));
        same(
                NDArrays.where(manager.create(false), manager.create(4f), manager.create(6f)),
                manager.create(6f));
        same(NDArrays.where(empty(1, 0, 0), empty(1, 0, 0), empty(1, 0, 0)), empty(1, 0, 0));
    }

    @Test
    @Tag("contract")
    void equalsForUnequalNDArray() {
        between(NDArrays::neq, (a, b) -> a != b);
        assertThat(floats(1, 2).equals(floats(1, 3))).isFalse();
        assertThat(floats(1, 2).equals(floats(1, 2).reshape(2, 1))).isFalse();
    }

    @Test
    @Tag("contract")
    void notEqualsForScalar() {
        toNumber(NDArrays::neq, (a, b) -> a != b);
        same(NDArrays.neq(3, floats(2, 3, 4)), booleans(true, false, true));
    }

    private void toNumber(BiFunction<NDArray, Number, NDArray> comparison, Relation relation) {
        NDArray array = floats(new Shape(3, 1, 2), LEFT);
        boolean[] expected = new boolean[LEFT.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = relation.holds(LEFT[i], 3);
        }
        same(comparison.apply(array, 3), booleans(new Shape(3, 1, 2), expected));
        same(comparison.apply(array.flatten(), 3f), booleans(expected));
        same(
                comparison.apply(manager.create(3.5f), 3.5f),
                manager.create(relation.holds(3.5, 3.5)));
        same(
                comparison.apply(empty(2, 0, 1), 0f),
                manager.create(new Shape(2, 0, 1), DataType.BOOLEAN));
    }

    private void between(BinaryOperator<NDArray> comparison, Relation relation) {
        NDArray left = floats(new Shape(2, 3), LEFT);
        NDArray right = floats(new Shape(2, 3), RIGHT);
        boolean[] expected = new boolean[LEFT.length];
        boolean[] withThree = new boolean[LEFT.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = relation.holds(LEFT[i], RIGHT[i]);
            withThree[i] = relation.holds(3, RIGHT[i]);
        }
        same(comparison.apply(left, right), booleans(new Shape(2, 3), expected));
        same(
                comparison.apply(left.reshape(1, 2, 3), right),
                booleans(new Shape(1, 2, 3), expected));
        same(comparison.apply(manager.create(3f), right), booleans(new Shape(2, 3), withThree));
        same(
                comparison.apply(manager.create(4.1f), manager.create(4.1f)),
                manager.create(relation.holds(1, 1)));
        same(
                comparison.apply(empty(0, 0, 1), empty(1, 0, 0)),
                manager.create(new Shape(0, 0, 0), DataType.BOOLEAN));
    }

    private void chosenFromNumber(
            BiFunction<NDArray, Number, NDArray> method,
            BiFunction<NDArray, Number, NDArray> function,
            Choice choice) {
        float[] expected = new float[LEFT.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (float) choice.of(LEFT[i], 2.5);
        }
        NDArray array = floats(new Shape(3, 2), LEFT);
        same(method.apply(array, 2.5f), floats(new Shape(3, 2), expected));
        same(function.apply(array, 2.5f), floats(new Shape(3, 2), expected));
        NDArray scalar = manager.create(3.25f);
        same(method.apply(scalar, 4f), manager.create((float) choice.of(3.25, 4)));
        same(function.apply(scalar, 4f), manager.create((float) choice.of(3.25, 4)));
        same(method.apply(empty(1, 0), 2f), empty(1, 0));
        same(function.apply(empty(1, 0), 2f), empty(1, 0));
    }

    private void chosenBetween(
            BinaryOperator<NDArray> method, BinaryOperator<NDArray> function, Choice choice) {
        float[] expected = new float[LEFT.length];
        float[] byRow = new float[LEFT.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (float) choice.of(LEFT[i], RIGHT[i]);
            byRow[i] = (float) choice.of(LEFT[i], i < 3 ? 1 : 2);
        }
        NDArray left = floats(new Shape(2, 3), LEFT);
        NDArray right = floats(new Shape(2, 3), RIGHT);
        for (BinaryOperator<NDArray> either : java.util.List.of(method, function)) {
            same(either.apply(left, right), floats(new Shape(2, 3), expected));
            same(either.apply(left, floats(new Shape(2, 1), 1, 2)), floats(new Shape(2, 3), byRow));
            same(
                    either.apply(manager.create(0f), manager.create(1f)),
                    manager.create((float) choice.of(0, 1)));
            same(
                    either.apply(manager.create(3f), floats(2, 4)),
                    floats((float) choice.of(3, 2), (float) choice.of(3, 4)));
            same(either.apply(empty(0, 0, 1), empty(1, 0, 0)), empty(0, 0, 0));
        }
    }
}
