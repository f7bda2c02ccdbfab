package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What DJL's own suite asks of an engine's arrays, class by class and method by method: {@code
 * NDArrayCreationOpTest.testZeros} there is {@code NDArrayCreationOpBehaviourTest.zeros} here, with
 * values of our own. Methods whose sources were not at hand are filled from the interface's
 * contract and tagged {@code contract}; what the engine refuses is tagged {@code refused}.
 */
abstract class ArrayBehaviour {

    protected NDManager manager;

    @BeforeEach
    void openManager() {
        manager = Engine.getEngine("NPU").newBaseManager();
    }

    @AfterEach
    void closeManager() {
        manager.close();
    }

    protected NDArray floats(float... values) {
        return manager.create(values);
    }

    protected NDArray floats(Shape shape, float... values) {
        return manager.create(values, shape);
    }

    protected NDArray ints(Shape shape, int... values) {
        return manager.create(values, shape);
    }

    protected NDArray longs(Shape shape, long... values) {
        return manager.create(values, shape);
    }

    protected NDArray booleans(boolean... values) {
        return manager.create(values);
    }

    protected NDArray booleans(Shape shape, boolean... values) {
        return manager.create(values, shape);
    }

    protected NDArray empty(long... dimensions) {
        return manager.create(new Shape(dimensions));
    }

    /** Shape, type and every value. */
    protected static void same(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.getDataType()).isEqualTo(expected.getDataType());
        assertThat(actual).isEqualTo(expected);
    }

    /** Shape and type, and values but for rounding. */
    protected static void close(NDArray actual, NDArray expected) {
        close(actual, expected, 2e-5);
    }

    protected static void close(NDArray actual, NDArray expected, double tolerance) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.getDataType()).isEqualTo(expected.getDataType());
        Number[] found = actual.toArray();
        Number[] wanted = expected.toArray();
        for (int i = 0; i < wanted.length; i++) {
            double value = wanted[i].doubleValue();
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                assertThat(found[i].doubleValue()).as("value %d", i).isEqualTo(value);
            } else {
                assertThat(found[i].doubleValue())
                        .as("value %d", i)
                        .isCloseTo(value, within(tolerance * (1 + Math.abs(value))));
            }
        }
    }

    /** The operation changed its array and returned that very array. */
    protected static void inPlace(NDArray returned, NDArray changed, NDArray expected) {
        assertThat(returned).isSameAs(changed);
        same(changed, expected);
    }
}
