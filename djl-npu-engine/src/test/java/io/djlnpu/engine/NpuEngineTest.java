package io.djlnpu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class NpuEngineTest {

    @Test
    void isFoundByNameAndHasNoAlternative() {
        Engine engine = Engine.getEngine("NPU");
        assertThat(engine).isInstanceOf(NpuEngine.class).isSameAs(Engine.getEngine("NPU"));
        assertThat(engine.getRank()).isEqualTo(11);
        assertThat(engine.getVersion()).isNotBlank().doesNotContain("$");
        assertThat(engine.getAlternativeEngine()).isNull();
        assertThat(engine.hasCapability("CUDA")).isFalse();
        assertThat(engine.getDevices()).containsExactly(Device.of("npu", 0));
        assertThat(engine.defaultDevice()).isSameAs(Device.of("npu", 0));
    }

    @Test
    void seedRepeatsRandomArrays() {
        Engine engine = Engine.getEngine("NPU");
        try (NDManager manager = engine.newBaseManager()) {
            engine.setRandomSeed(7);
            NDArray first = manager.randomNormal(new Shape(5));
            engine.setRandomSeed(7);
            assertThat(manager.randomNormal(new Shape(5))).isEqualTo(first);
            assertThat(manager.getEngine()).isSameAs(engine);
        }
    }
}
