package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.EventSimulator.Span;
import org.junit.jupiter.api.Test;

class LayerPlaybackTest {

    @Test
    void playsTheKernelsOneAfterTheOther() {
        LayerPlayback layer = LayerPlayback.decode(DecoderShape.GEMMA3_1B, NpuDevice.KRACKAN, 4096);
        assertThat(layer.kernels())
                .extracting(LayerPlayback.Kernel::name)
                .containsExactly(
                        "RmsNorm",
                        "FusedDqp",
                        "RmsNorm",
                        "Rope",
                        "FlowKv",
                        "FusedDqp",
                        "RmsNorm",
                        "RmsNorm",
                        "FusedDqp",
                        "GegluMul",
                        "FusedDqp",
                        "RmsNorm");
        double sum = layer.kernels().stream().mapToDouble(LayerPlayback.Kernel::seconds).sum();
        double last =
                layer.spans().stream()
                        .mapToDouble((Span s) -> s.startSeconds() + s.seconds())
                        .max()
                        .orElseThrow();
        assertThat(layer.seconds()).isCloseTo(sum, within(1e-12));
        assertThat(last).isLessThanOrEqualTo(layer.seconds() * 1.000001);
        long bytes = layer.kernels().stream().mapToLong(LayerPlayback.Kernel::bytes).sum();
        assertThat(layer.seconds()).isGreaterThanOrEqualTo(bytes / NpuDevice.KRACKAN.ddr().value());
        assertThatThrownBy(() -> LayerPlayback.decode(DecoderShape.GEMMA3_1B, NpuDevice.KRACKAN, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
