package io.djlnpu.ndarray.suite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

class NDArrayLogicalOpBehaviourTest extends ArrayBehaviour {

    private interface Truth {
        boolean of(boolean a, boolean b);
    }

    @Test
    void logicalAnd() {
        check(NDArray::logicalAnd, NDArrays::logicalAnd, (a, b) -> a & b);
    }

    @Test
    void logicalOr() {
        check(NDArray::logicalOr, NDArrays::logicalOr, (a, b) -> a | b);
    }

    @Test
    void logicalXor() {
        check(NDArray::logicalXor, NDArrays::logicalXor, (a, b) -> a ^ b);
    }

    @Test
    void logicalNot() {
        same(floats(3, 0, -0.5f).logicalNot(), booleans(false, true, false));
        same(
                floats(new Shape(2, 2), 0, 2, 0, -2).logicalNot(),
                booleans(new Shape(2, 2), true, false, true, false));
        same(manager.create(0f).logicalNot(), manager.create(true));
        same(empty(0, 3, 1).logicalNot(), empty(0, 3, 1).toType(DataType.BOOLEAN, false));
    }

    private void check(
            BinaryOperator<NDArray> method, BinaryOperator<NDArray> function, Truth truth) {
        NDArray a = booleans(new Shape(2, 2), true, true, false, false);
        NDArray b = booleans(new Shape(2, 2), true, false, true, false);
        NDArray table =
                booleans(
                        new Shape(2, 2),
                        truth.of(true, true),
                        truth.of(true, false),
                        truth.of(false, true),
                        truth.of(false, false));
        both(method, function, a, b, table);
        both(method, function, a.flatten(), b.flatten(), table.flatten());

        // Whatever is not zero is true.
        NDArray numbers = manager.arange(-2f, 2f).reshape(2, 2);
        NDArray reversed = manager.arange(1f, -3f, -1f).reshape(2, 2);
        both(
                method,
                function,
                numbers,
                reversed,
                booleans(
                        new Shape(2, 2),
                        truth.of(true, true),
                        truth.of(true, false),
                        truth.of(false, true),
                        truth.of(true, true)));

        both(
                method,
                function,
                manager.create(true),
                booleans(true, false),
                booleans(truth.of(true, true), truth.of(true, false)));
        both(
                method,
                function,
                manager.create(true),
                manager.create(false),
                manager.create(truth.of(true, false)));
        both(
                method,
                function,
                empty(0, 1),
                empty(1, 0, 2),
                manager.create(new Shape(1, 0, 2), DataType.BOOLEAN));
    }

    private static void both(
            BinaryOperator<NDArray> method,
            BinaryOperator<NDArray> function,
            NDArray a,
            NDArray b,
            NDArray expected) {
        same(method.apply(a, b), expected);
        same(function.apply(a, b), expected);
    }
}
