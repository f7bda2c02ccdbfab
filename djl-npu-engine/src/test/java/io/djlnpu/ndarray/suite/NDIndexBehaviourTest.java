package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NDIndexBehaviourTest extends ArrayBehaviour {

    private NDArray matrix() {
        return floats(new Shape(2, 2), 5, 6, 7, 8);
    }

    @Test
    void emptyIndex() {
        same(matrix().get(new NDIndex()), matrix());
    }

    @Test
    void fixedNegativeIndex() {
        same(floats(5, 6, 7).get("-1"), manager.create(7f));
        same(floats(5, 6, 7).get("-3"), manager.create(5f));
    }

    @Test
    void pick() {
        NDArray array = manager.arange(6f).reshape(2, 3);
        NDArray columns = manager.create(new int[] {2, 0});
        same(
                array.get(new NDIndex().addAllDim().addPickDim(columns)),
                floats(new Shape(2, 1), 2, 3));
        same(array.get(":, {}", columns), floats(new Shape(2, 2), 2, 0, 5, 3));
    }

    @Test
    void gather() {
        NDArray array = manager.arange(12f).reshape(3, 4);
        NDArray index = floats(new Shape(3, 2), 3, 3, 0, 1, 2, 0);
        same(array.gather(index, 1), floats(new Shape(3, 2), 3, 3, 4, 5, 10, 8));
        same(
                array.gather(longs(new Shape(1, 4), 2, 0, 1, 2), 0),
                floats(new Shape(1, 4), 8, 1, 6, 11));
    }

    @Test
    void gatherNd() {
        NDArray array = manager.arange(8f).reshape(2, 2, 2);
        same(
                array.gatherNd(floats(new Shape(2, 2), 1, 0, 0, 1)),
                floats(new Shape(2, 2), 4, 5, 2, 3));
        same(
                manager.arange(12f)
                        .reshape(3, 2, 2)
                        .gatherNd(floats(new Shape(2, 3, 1), 2, 0, 1, 1, 1, 0)),
                floats(new Shape(3, 1, 2), 10, 11, 2, 3, 4, 5));
    }

    @Test
    void take() {
        NDArray array = manager.arange(10f, 16f).reshape(2, 3);
        same(
                array.take(floats(new Shape(2, 2), 5, 0, 3, 3)),
                floats(new Shape(2, 2), 15, 10, 13, 13));
    }

    @Test
    void get() {
        NDArray two = matrix();
        same(two.get(1), floats(7, 8));
        same(two.get("1,:"), floats(7, 8));
        same(two.get("1,*"), floats(7, 8));
        same(two.get(":1"), floats(new Shape(1, 2), 5, 6));
        same(two.get("1::2"), floats(new Shape(1, 2), 7, 8));

        NDArray box = manager.arange(24).reshape(2, 3, 4);
        same(box.get("1, 2, ... "), ints(new Shape(4), 20, 21, 22, 23));
        same(box.get("..., 0:2, 3"), ints(new Shape(2, 2), 3, 7, 15, 19));
        same(box.get("1, ..., 1:4:2"), ints(new Shape(3, 2), 13, 15, 17, 19, 21, 23));
        same(box.get("..."), box);

        NDArray rows = manager.arange(6).reshape(3, 2);
        same(rows.get(booleans(true, false, true)), ints(new Shape(2, 2), 0, 1, 4, 5));
        for (NDArray index :
                new NDArray[] {longs(new Shape(1, 2), 2, 0), floats(new Shape(1, 2), 2, 0)}) {
            same(rows.get(index), ints(new Shape(1, 2, 2), 4, 5, 0, 1));
        }

        NDArray cube = manager.arange(81).reshape(3, 3, 3, 3);
        same(
                cube.get(
                        ":{}, {}, {}, {}",
                        2,
                        longs(new Shape(1, 2), 0, 1),
                        booleans(false, true, true),
                        floats(new Shape(1, 2), 2, 0)),
                ints(new Shape(2, 1, 2), 5, 15, 32, 42));
        same(
                manager.arange(8)
                        .reshape(2, 2, 2)
                        .get(":{}, {}, {}, {}", 1, floats(1, 0), longs(new Shape(2), 0, 0), null),
                ints(new Shape(1, 2, 1), 2, 0));
    }

    @Test
    void emptyArrayClosing() {
        same(matrix().get(":9, 1:2"), floats(new Shape(2, 1), 6, 8));
        same(floats(1, 2).get("2:2"), empty(0));
        same(floats(1, 2).get("2:5"), empty(0));
    }

    @Test
    void setArray() {
        NDArray array = matrix();
        array.set(new NDIndex(1), floats(1, 2));
        same(array, floats(new Shape(2, 2), 5, 6, 1, 2));
        NDArray wide = manager.arange(8).reshape(2, 4);
        wide.set(new NDIndex(":, 1:3"), ints(new Shape(2, 2), -1, -2, -3, -4));
        same(wide, ints(new Shape(2, 4), 0, -1, -2, 3, 4, -3, -4, 7));
        NDArray square = manager.arange(9).reshape(3, 3);
        square.set(new NDIndex("{}, :{}", floats(2, 0), 2), ints(new Shape(2, 2), 50, 51, 52, 53));
        same(square, ints(new Shape(3, 3), 52, 53, 2, 3, 4, 5, 50, 51, 8));
    }

    @Test
    void setArrayBroadcast() {
        NDArray array = manager.arange(4f).reshape(2, 2, 1);
        array.set(new NDIndex(1), floats(-3));
        same(array, floats(new Shape(2, 2, 1), 0, 1, -3, -3));
    }

    @Test
    void setNumber() {
        NDArray array = matrix();
        array.set(new NDIndex(0), 3);
        same(array, floats(new Shape(2, 2), 3, 3, 7, 8));
        array.set(new NDIndex("..., 1"), -1);
        same(array, floats(new Shape(2, 2), 3, -1, 7, -1));
        array.set(new NDIndex("..."), 2);
        same(array, manager.full(new Shape(2, 2), 2f));
        NDArray square = manager.arange(9).reshape(3, 3);
        square.set(new NDIndex("{}, :{}", longs(new Shape(2), 0, 2), 1), 99);
        same(square, ints(new Shape(3, 3), 99, 1, 2, 3, 4, 5, 99, 7, 8));
        square.set(longs(new Shape(1), 1), 77);
        same(square, ints(new Shape(3, 3), 99, 1, 2, 77, 77, 77, 99, 7, 8));
    }

    @Test
    void setScalar() {
        NDArray array = matrix();
        array.setScalar(new NDIndex(1, 0), -5);
        same(array, floats(new Shape(2, 2), 5, 6, -5, 8));
        assertThatThrownBy(() -> array.setScalar(new NDIndex(0), 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void setByFunction() {
        NDArray array = manager.arange(6).reshape(2, 3);
        array.set(new NDIndex(":, 2"), column -> column.mul(10));
        same(array, ints(new Shape(2, 3), 0, 1, 20, 3, 4, 50));
        array.set(new NDIndex("..., 0"), column -> column.sub(1));
        same(array.get("..., 0"), ints(new Shape(2), -1, 2));
    }

    @Test
    void setByFunctionIncrements() {
        NDArray array = manager.arange(1f, 6f).reshape(1, 5);
        array.set(new NDIndex(":, 0::2"), every -> every.mul(-1).add(1));
        same(array, floats(new Shape(1, 5), 0, 2, -2, 4, -4));
    }

    @Test
    void put() {
        NDArray array = matrix();
        same(
                array.put(floats(3, 0, 1), floats(-1, -2, -3)),
                floats(new Shape(2, 2), -2, -3, 7, -1));
    }

    @Test
    @Tag("contract")
    void scatter() {
        NDArray array = manager.zeros(new Shape(2, 3));
        same(
                array.scatter(
                        longs(new Shape(2, 2), 2, 0, 1, 2), floats(new Shape(2, 2), 1, 2, 3, 4), 1),
                floats(new Shape(2, 3), 2, 0, 1, 0, 3, 4));
    }
}
