package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NDListBehaviourTest extends ArrayBehaviour {

    @Test
    void encode() {
        NDArray array = floats(1, 2, 3);
        array.setName("three");
        byte[] good = new NDList(array).encode();
        NDList decoded = NDList.decode(manager, good);
        same(decoded.singletonOrThrow(), array);
        assertThat(decoded.singletonOrThrow().getName()).isEqualTo("three");

        refused(ByteBuffer.allocate(4).putInt(-7).array());
        refused(ByteBuffer.allocate(4).putInt(0x7e000000).array());
        byte[] otherMagic = good.clone();
        otherMagic[9] ^= 1;
        refused(otherMagic);
        byte[] otherVersion = good.clone();
        otherVersion[10] = -1;
        refused(otherVersion);
        refused(Arrays.copyOf(good, good.length - 5));
    }

    private void refused(byte[] bytes) {
        assertThatThrownBy(() -> NDList.decode(manager, bytes))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
