package io.djlnpu.onnx.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.onnx.testing.Dialects;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.FloatWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every exporter's form of one model, against the float32 weights that they were made from. */
class DialectsTest {

    static Stream<String> dialects() {
        return Dialects.all().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void weightsAreThoseOfTheCheckpoint(String dialect) throws IOException {
        try (FloatWeights truth = FloatWeights.of(dialect);
                OnnxDecoder model = OnnxDecoder.open(Fixtures.fixture(dialect))) {
            List<String> names =
                    model.names().stream()
                            .filter(n -> n.startsWith("model.") || n.startsWith("lm_head"))
                            .toList();
            assertThat(names).hasSizeGreaterThanOrEqualTo(13 * model.config().layers() + 2);
            for (String name : names) {
                float[] found = model.vector(name);
                float[] expected = truth.vector(name);
                double[] tolerance = tolerance(dialect, expected);
                assertThat(relativeError(found, expected))
                        .as(name)
                        .isLessThanOrEqualTo(tolerance[0]);
                assertThat(largestError(found, expected))
                        .as("largest error in " + name)
                        .isLessThanOrEqualTo(tolerance[1]);
            }
        }
    }

    /**
     * What the source's own precision explains: the relative error of a matrix, and the largest of
     * an element. Nothing for float32; half a unit for float16; for 8 bits half a step, where some
     * quantisers use 7 bits of them; for 4 bits a tenth and, since a symmetric range cannot hold
     * the largest value of the other sign, a whole step.
     */
    private static double[] tolerance(String dialect, float[] truth) {
        double largest = 0;
        for (float value : truth) {
            largest = Math.max(largest, Math.abs(value));
        }
        if (dialect.matches(".*(fp32|plain|dynamo).*")) {
            return new double[] {0, 0};
        }
        if (dialect.matches(".*fp16.*")) {
            return new double[] {0.0005, largest / 2048};
        }
        if (dialect.matches(".*(int8|quantized).*")) {
            return new double[] {0.02, largest / 126};
        }
        return new double[] {0.12, largest / 7};
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void configurationIsThatOfTheModel(String dialect) throws IOException {
        String origin = dialect.startsWith("micro") ? "micro/checkpoint" : "storyteller/text";
        DecoderSpec expected = Family.read(Fixtures.fixture(origin).resolve("config.json"));
        // builder 0.8 does not scale, and nothing else in its folder says that the model does
        boolean forgotten = dialect.contains("genai08");
        try (OnnxDecoder model = OnnxDecoder.open(Fixtures.fixture(dialect))) {
            assertThat(model.config())
                    .usingRecursiveComparison()
                    .ignoringFields("tokens.eos", "vision")
                    .ignoringFields(forgotten ? "attention.global.rope.scaling" : "vision")
                    .isEqualTo(expected);
            if (forgotten) {
                assertThat(model.report().warnings())
                        .anyMatch(w -> w.contains("rope_scaling") && w.contains("--config"));
            }
        }
    }

    @Test
    void theListOfDialectsLeavesNoneOut() throws IOException {
        try (Stream<Path> files = Files.walk(Fixtures.fixture(""))) {
            List<String> decoders =
                    files.map(file -> Fixtures.fixture("").relativize(file).toString())
                            .filter(file -> file.endsWith(".onnx"))
                            .filter(file -> !file.matches(".*(vision_encoder|embed_tokens).*"))
                            .filter(file -> file.matches("(micro|storyteller)/onnx/.*"))
                            .filter(file -> !file.contains("genai-multimodal"))
                            .toList();
            assertThat(Dialects.all()).containsExactlyInAnyOrderElementsOf(decoders);
        }
    }

    @Test
    void realModelHasItsPublishedConfiguration() throws IOException {
        DecoderSpec expected = Family.read(Fixtures.real("gemma3-270m/hf/config.json"));
        Path folder = Fixtures.real("gemma3-270m/onnx/genai-int4");
        try (OnnxDecoder model = OnnxDecoder.open(folder)) {
            assertThat(model.config())
                    .usingRecursiveComparison()
                    .ignoringFields("tokens.eos")
                    .isEqualTo(expected);
            assertThat(model.names()).hasSize(18 * 13 + 2).doesNotContain("lm_head.weight");
            assertThat(model.matrix("model.embed_tokens.weight").affine()).isPresent();
        }
    }

    private static double largestError(float[] found, float[] truth) {
        double largest = 0;
        for (int i = 0; i < truth.length; i++) {
            largest = Math.max(largest, Math.abs((double) found[i] - truth[i]));
        }
        return largest;
    }

    static double relativeError(float[] found, float[] truth) {
        assertThat(found).hasSameSizeAs(truth);
        double error = 0;
        double size = 0;
        for (int i = 0; i < truth.length; i++) {
            error += (found[i] - truth[i]) * (double) (found[i] - truth[i]);
            size += truth[i] * (double) truth[i];
        }
        return Math.sqrt(error / Math.max(size, 1e-30));
    }
}
