package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.simulate.Playback.Kernel;
import io.djlnpu.simulate.Simulation.Phase;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.EventSimulator.Span;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlaybackTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;

    private static final DecoderSpec GEMMA3_270M =
            PublishedModels.spec(
                    new DecoderSizes(640, 18, 4, 1, 256, 2048, 262144, 32768),
                    PublishedModels.GEMMA3_1B.style(),
                    15,
                    512,
                    Optional.empty());

    private static final DecoderSpec GEMMA3_12B =
            PublishedModels.spec(
                    new DecoderSizes(3840, 48, 16, 8, 256, 15360, 262208, 131072),
                    PublishedModels.GEMMA3_4B.style(),
                    40,
                    1024,
                    PublishedModels.GEMMA3_4B.vision());

    private static final Map<String, DecoderSpec> MODELS =
            new TreeMap<>(
                    Map.of(
                            "270M",
                            GEMMA3_270M,
                            "1B",
                            PublishedModels.GEMMA3_1B,
                            "4B",
                            PublishedModels.GEMMA3_4B,
                            "12B",
                            GEMMA3_12B));

    static Stream<Arguments> runs() {
        return MODELS.entrySet().stream()
                .flatMap(
                        model ->
                                Stream.of(
                                        runs(model, Phase.DECODE, 1, 7, 100, 1024, 16384),
                                        runs(model, Phase.PREFILL, 1, 2, 20, 128)))
                .flatMap(run -> run);
    }

    private static Stream<Arguments> runs(
            Map.Entry<String, DecoderSpec> model, Phase phase, int... tokens) {
        return Arrays.stream(tokens)
                .mapToObj(n -> Arguments.of(model.getKey(), phase, n, model.getValue()));
    }

    /** Every kernel of every part, from one object a core to hundreds of thousands. */
    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("runs")
    void eventsAndAnalyticModelAgree(String model, Phase phase, int tokens, DecoderSpec shape) {
        assertAgreement(Playback.of(shape, DEVICE, phase, tokens));
    }

    private static void assertAgreement(Playback played) {
        for (Kernel kernel : played.kernels()) {
            assertThat(kernel.analyticSeconds() / kernel.seconds())
                    .as("%s of %s", kernel.name(), kernel.part())
                    .isBetween(0.97, 1.03);
        }
        assertThat(played.analyticSeconds() / played.seconds()).isBetween(0.99, 1.01);
    }

    @Test
    void playsEachPartOnceAndItsKernelsOneAfterTheOther() {
        Playback token = Playback.of(PublishedModels.GEMMA3_1B, DEVICE, Phase.DECODE, 4096);
        assertThat(token.kernels())
                .filteredOn(kernel -> kernel.part().equals("local layer"))
                .allMatch(kernel -> kernel.repeats() == 22)
                .extracting(Kernel::name)
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
        assertThat(token.kernels())
                .extracting(kernel -> kernel.part() + " x " + kernel.repeats())
                .containsSubsequence("global layer x 4", "local layer x 22", "head x 1");
        double once = token.kernels().stream().mapToDouble(Kernel::seconds).sum();
        double end =
                token.spans().stream()
                        .mapToDouble((Span s) -> s.startSeconds() + s.seconds())
                        .max()
                        .orElseThrow();
        assertThat(end).isCloseTo(once, within(1e-9));
        double all = token.kernels().stream().mapToDouble(k -> k.repeats() * k.seconds()).sum();
        assertThat(token.seconds()).isCloseTo(all, within(1e-12));
        long bytes = token.kernels().stream().mapToLong(k -> k.repeats() * k.bytes()).sum();
        long priced = Simulation.decode(PublishedModels.GEMMA3_1B, DEVICE, 4096).ddrBytes();
        assertThat(bytes).isBetween(priced, priced + priced / 200);
    }

    @Test
    void anImagePlaysItsTowerAndItsPrompt() {
        Playback image = Playback.of(PublishedModels.GEMMA3_4B, DEVICE, Phase.IMAGE, 0);
        assertAgreement(image);
        assertThat(image.kernels())
                .extracting(Kernel::part)
                .contains("tower layer", "tower ends", "global layer", "local layer", "head");
        assertThat(image.spans())
                .extracting(Span::name)
                .contains("VisionAttention", "DequantEngine");
    }

    @Test
    void refusesWhatCannotBePlayed() {
        DecoderSpec blind = PublishedModels.GEMMA3_1B;
        assertThatThrownBy(() -> Playback.of(blind, DEVICE, Phase.DECODE, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Playback.of(blind, DEVICE, Phase.IMAGE, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no vision tower");
        assertThatThrownBy(() -> Playback.of(blind, DEVICE, Phase.PREFILL, 1 << 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fewer tokens");
    }
}
