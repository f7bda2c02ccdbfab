package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class NDArrayReductionOpBehaviourTest extends ArrayBehaviour {

    @Test
    void max() {
        check(NDArray::max, NDArray::max, (a, axes) -> a.max(axes, true), 9, 7, 9, 9, 6);
    }

    @Test
    void min() {
        check(NDArray::min, NDArray::min, (a, axes) -> a.min(axes, true), 3, 3, 6, 7, 3);
    }

    @Test
    void sum() {
        check(NDArray::sum, NDArray::sum, (a, axes) -> a.sum(axes, true), 25, 10, 15, 16, 9);
    }

    @Test
    void cumProd() {
        NDArray array = ints(new Shape(4), 2, 3, 1, 5);
        same(array.cumProd(0), longs(new Shape(4), 2, 6, 6, 30));
        same(array.cumProd(0, array.getDataType()), ints(new Shape(4), 2, 6, 6, 30));
        same(array.cumProd(0, DataType.FLOAT32), floats(2, 6, 6, 30));
    }

    @Test
    void prod() {
        check(NDArray::prod, NDArray::prod, (a, axes) -> a.prod(axes, true), 1134, 21, 54, 63, 18);
    }

    @Test
    void mean() {
        check(
                NDArray::mean,
                NDArray::mean,
                (a, axes) -> a.mean(axes, true),
                6.25f,
                5,
                7.5f,
                8,
                4.5f);
    }

    @Test
    void trace() {
        same(manager.arange(9f).reshape(3, 3).trace(), manager.create(12f));
        same(manager.arange(12f).reshape(2, 2, 3).trace(), floats(9, 11, 13));
        assertThat(manager.arange(48f).reshape(2, 4, 2, 3).trace().getShape())
                .isEqualTo(new Shape(2, 3));
    }

    @Test
    void topK() {
        NDArray array = floats(new Shape(2, 4), 4, 9, 1, 7, 0, -3, 8, 2);
        NDList top = array.topK(2, -1, true, true);
        same(top.get(0), floats(new Shape(2, 2), 9, 7, 8, 2));
        same(top.get(1), longs(new Shape(2, 2), 1, 3, 2, 3));
    }

    /** Of {@code [[7, 3], [9, 6]]}: all, then by rows, then by columns. */
    private void check(
            Function<NDArray, NDArray> all,
            BiFunction<NDArray, int[], NDArray> axes,
            BiFunction<NDArray, int[], NDArray> kept,
            float whole,
            float row0,
            float row1,
            float column0,
            float column1) {
        NDArray array = floats(new Shape(2, 2), 7, 3, 9, 6);
        same(all.apply(array), manager.create(whole));
        same(all.apply(array.flatten()), manager.create(whole));
        same(axes.apply(array, new int[] {1}), floats(row0, row1));
        same(kept.apply(array, new int[] {0}), floats(new Shape(1, 2), column0, column1));
        same(all.apply(manager.create(5f)), manager.create(5f));
    }
}
