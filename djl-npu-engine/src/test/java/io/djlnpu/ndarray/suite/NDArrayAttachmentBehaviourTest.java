package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class NDArrayAttachmentBehaviourTest extends ArrayBehaviour {

    private static NDManager another() {
        return Engine.getEngine("NPU").newBaseManager();
    }

    @Test
    void returnResource() {
        NDArray array = manager.zeros(new Shape(2, 5));
        try (NDManager borrower = another()) {
            array.tempAttach(borrower);
            assertThat(array.getManager()).isSameAs(borrower);
        }
        assertThat(array.getManager()).isSameAs(manager);
        assertThat(array.isReleased()).isFalse();
    }

    @Test
    void indexationUsesSpecificManager() {
        NDArray array = manager.arange(6f).reshape(2, 3);
        assertThat(array.get(1).getManager()).isSameAs(manager);
        try (NDManager other = another()) {
            NDArray row = array.get(other, 1);
            assertThat(row.getManager()).isSameAs(other);
            same(row, floats(3, 4, 5));
            assertThat(array.get(other, new NDIndex(0)).getManager()).isSameAs(other);
        }
    }

    @Test
    void cannotUseCappedManager() {
        manager.cap();
        assertThatThrownBy(() -> manager.ones(new Shape(2)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void indexationCannotUseCappedManager() {
        NDArray array = manager.ones(new Shape(3, 4));
        manager.cap();
        assertThatThrownBy(() -> array.get(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void indexationUsesSpecificUncappedManager() {
        NDArray array = manager.ones(new Shape(3, 4));
        manager.cap();
        try (NDManager other = another()) {
            assertThat(array.get(other, 2).getManager()).isSameAs(other);
            array.tempAttach(other);
            assertThat(array.getManager()).isSameAs(other);
        }
    }
}
