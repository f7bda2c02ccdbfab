package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NDArrayShapesManipulationOpBehaviourTest extends ArrayBehaviour {

    @Test
    void split() {
        NDList singles = manager.arange(7f).split(7);
        assertThat(singles).hasSize(7);
        same(singles.get(0), floats(0));
        same(singles.get(6), floats(6));
        NDList halves = floats(4, 3, 2, 1).split(2);
        same(halves.get(0), floats(4, 3));
        same(halves.get(1), floats(2, 1));
        NDList parts = floats(4, 3, 2, 1).split(new long[] {1});
        same(parts.get(0), floats(4));
        same(parts.get(1), floats(3, 2, 1));
        NDArray matrix = manager.arange(4f).reshape(2, 2);
        same(matrix.split(new long[0]).singletonOrThrow(), matrix);
    }

    @Test
    @Tag("contract")
    void splitByAxis() {
        NDList columns = manager.arange(6f).reshape(2, 3).split(new long[] {1}, 1);
        same(columns.get(0), floats(new Shape(2, 1), 0, 3));
        same(columns.get(1), floats(new Shape(2, 2), 1, 2, 4, 5));
        assertThatThrownBy(() -> manager.arange(7f).split(2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void flatten() {
        same(floats(3, 1).flatten(), floats(3, 1));
        same(floats(new Shape(2, 1, 2), 3, 1, 4, 2).flatten(), floats(3, 1, 4, 2));
        same(manager.create(5f).flatten(), floats(5));
        same(empty(2, 0).flatten(), empty(0));
    }

    @Test
    @Tag("contract")
    void flattenAxes() {
        assertThat(manager.zeros(new Shape(2, 3, 4, 5)).flatten(1, 2).getShape())
                .isEqualTo(new Shape(2, 12, 5));
        same(
                floats(new Shape(2, 1, 2), 3, 1, 4, 2).flatten(0, 1),
                floats(new Shape(2, 2), 3, 1, 4, 2));
    }

    @Test
    void reshape() {
        NDArray six = manager.arange(6f);
        NDArray box = floats(new Shape(3, 1, 2), 0, 1, 2, 3, 4, 5);
        same(six.reshape(3, 1, 2), box);
        same(six.reshape(3, 1, -1), box);
        same(box.reshape(new Shape(2, 3)), floats(new Shape(2, 3), 0, 1, 2, 3, 4, 5));
        same(box.reshape(new Shape(-1)), six);
        same(manager.create(5f).reshape(1), floats(5));
        same(manager.create(5f).reshape(1, -1), floats(new Shape(1, 1), 5));
        same(empty(1, 0).reshape(4, 0, 2), empty(4, 0, 2));
        assertThatThrownBy(() -> six.reshape(4, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void expandDim() {
        same(floats(1, 2).expandDims(0), floats(new Shape(1, 2), 1, 2));
        same(
                floats(new Shape(2, 2), 1, 2, 3, 4).expandDims(1),
                floats(new Shape(2, 1, 2), 1, 2, 3, 4));
        same(manager.create(4f).expandDims(0), floats(4));
        same(empty(3, 1, 0).expandDims(2), empty(3, 1, 1, 0));
    }

    @Test
    void squeeze() {
        NDArray array = manager.arange(6f).reshape(1, 3, 1, 2, 1);
        NDArray six = manager.arange(6f);
        same(array.squeeze(), six.reshape(3, 2));
        same(array.squeeze(2), six.reshape(1, 3, 2, 1));
        same(array.squeeze(new int[] {0, 4}), six.reshape(3, 1, 2));
        NDArray scalar = manager.create(2f);
        same(scalar.squeeze(), scalar);
        same(scalar.squeeze(0), scalar);
        same(scalar.squeeze(new int[] {0}), scalar);
        same(empty(1, 0, 1, 3).squeeze(), empty(0, 3));
        same(empty(1, 0, 1, 3).squeeze(2), empty(1, 0, 3));
        same(empty(1, 0, 1, 3).squeeze(new int[] {0, 2}), empty(0, 3));
    }

    @Test
    void stack() {
        NDArray a = floats(new Shape(2, 2), 1, 2, 3, 4);
        NDArray b = floats(new Shape(2, 2), 5, 6, 7, 8);
        same(a.stack(b), floats(new Shape(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8));
        same(a.stack(b, 1), floats(new Shape(2, 2, 2), 1, 2, 5, 6, 3, 4, 7, 8));
        same(a.stack(b, 2), floats(new Shape(2, 2, 2), 1, 5, 2, 6, 3, 7, 4, 8));
        for (int axis = 0; axis < 3; axis++) {
            same(NDArrays.stack(new NDList(a, b), axis), a.stack(b, axis));
        }
        same(manager.create(5f).stack(manager.create(4f)), floats(5, 4));
        same(empty(0, 0).stack(empty(0, 0), 1), empty(0, 2, 0));
        same(empty(0, 0).stack(empty(0, 0), 2), empty(0, 0, 2));
        same(NDArrays.stack(new NDList(a)), a.expandDims(0));
    }

    @Test
    void concat() {
        same(floats(1).concat(floats(2, 3)), floats(1, 2, 3));
        same(NDArrays.concat(new NDList(floats(1), floats(2)), 0), floats(1, 2));
        NDArray a = floats(new Shape(2, 2), 1, 2, 3, 4);
        NDArray b = floats(new Shape(2, 2), 5, 6, 7, 8);
        same(a.concat(b), floats(new Shape(4, 2), 1, 2, 3, 4, 5, 6, 7, 8));
        same(NDArrays.concat(new NDList(a, b), 1), floats(new Shape(2, 4), 1, 2, 5, 6, 3, 4, 7, 8));
        same(empty(0, 1).concat(empty(0, 1)), empty(0, 1));
        same(NDArrays.concat(new NDList(empty(0, 1), empty(0, 1)), 1), empty(0, 2));
        same(NDArrays.concat(new NDList(a)), a);
        assertThatThrownBy(() -> manager.create(1f).concat(manager.create(2f)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void concatNDlist() {
        NDList scalars = new NDList(manager.create(1f), manager.create(2f));
        assertThatThrownBy(() -> NDArrays.concat(scalars))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
