package io.djlnpu.onnx.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.configuration.RopeFaults;
import io.djlnpu.onnx.report.ImportReport.Setting;
import io.djlnpu.onnx.report.ImportReport.Source;
import io.djlnpu.onnx.testing.Dialects;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is known of a model without its config.json, and where each value came from. */
class ConfigurationTest {

    @TempDir Path folder;

    static Stream<String> decomposed() {
        return Dialects.all().stream()
                .filter(d -> d.matches(".*(optimum|plain|dynamo|transformersjs).*"));
    }

    static Stream<String> fused() {
        return Dialects.all().stream()
                .filter(d -> d.matches(".*(genai|build-gemma|community|split).*"));
    }

    /** Fused graphs hold tables, which say how many positions there are. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("fused")
    void fusedGraphsDetermineTheConfiguration(String dialect) throws IOException {
        copyWithoutConfig(dialect);
        try (OnnxDecoder model = OnnxDecoder.open(folder)) {
            boolean forgotten = dialect.matches(".*(genai08|build-gemma|community|split).*");
            assertThat(model.config())
                    .usingRecursiveComparison()
                    .ignoringFields("tokens.eos", "vision")
                    .ignoringFields(forgotten ? "attention.global.rope.scaling" : "vision")
                    .isEqualTo(expected(dialect));
            assertThat(source(model, "sliding_window")).isEqualTo(Source.GRAPH);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("decomposed")
    void decomposedGraphsLackOnlyTheContext(String dialect) throws IOException {
        copyWithoutConfig(dialect);
        assertThatThrownBy(() -> OnnxDecoder.open(folder))
                .isInstanceOfSatisfying(
                        ModelFormatException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.MISSING_CONFIG))
                .hasMessageContaining("does not say max_position_embeddings, and")
                .hasMessageContaining("--config");
        DecoderSpec expected = expected(dialect);
        Files.writeString(
                folder.resolve("genai_config.json"),
                "{\"model\":{\"context_length\":%d}}".formatted(expected.maxPositions()));
        try (OnnxDecoder model = OnnxDecoder.open(folder)) {
            assertThat(model.config())
                    .usingRecursiveComparison()
                    .ignoringFields("tokens.eos", "vision")
                    .isEqualTo(expected);
            assertThat(source(model, "sliding_window")).isEqualTo(Source.GRAPH);
            assertThat(source(model, "layer_types")).isEqualTo(Source.GRAPH);
            assertThat(source(model, "max_position_embeddings")).isEqualTo(Source.GENAI_CONFIG);
        }
    }

    @Test
    void aConflictIsAWarningWithBothValues() throws IOException {
        writeTiny();
        Files.writeString(
                folder.resolve("config.json"),
                """
                {"model_type":"gemma3_text","hidden_size":64,"num_hidden_layers":6,
                 "num_attention_heads":2,"num_key_value_heads":1,"head_dim":32,
                 "intermediate_size":96,"vocab_size":128,"max_position_embeddings":512,
                 "sliding_window":99,"query_pre_attn_scalar":64,"rope_theta":500000.0,
                 "rope_scaling":{"factor":4.0,"rope_type":"linear"}}
                """);
        try (OnnxDecoder model = OnnxDecoder.open(folder)) {
            assertThat(model.config().slidingWindow()).isEqualTo(99);
            assertThat(model.report().warnings())
                    .anyMatch(w -> w.contains("sliding_window") && contains(w, "99", "16"))
                    .anyMatch(w -> w.contains("rope_theta") && contains(w, "500000", "1000000"))
                    .anyMatch(w -> w.contains("attention scale") && contains(w, "0.125", "0.2"))
                    .anyMatch(w -> w.contains("global layers") && contains(w, "8.0", "4.0"));
            assertThat(source(model, "sliding_window")).isEqualTo(Source.CONFIG_JSON);
        }
    }

    /** Transformers' defaults are those of no published size; the graph was made for one. */
    @Test
    void whereTheFileIsSilentTheGraphComesBeforeDefaults() throws IOException {
        writeTiny();
        Files.writeString(
                folder.resolve("config.json"),
                """
                {"model_type":"my_gemma","hidden_size":64,"num_hidden_layers":6,
                 "num_attention_heads":2,"num_key_value_heads":1,"head_dim":32,
                 "intermediate_size":96,"vocab_size":128,"hidden_activation":"gelu",
                 "rope_scaling":{"factor":8.0,"rope_type":"linear"}}
                """);
        try (OnnxDecoder model = OnnxDecoder.open(folder)) {
            assertThat(model.config().slidingWindow()).isEqualTo(16);
            assertThat(model.config().queryPreAttentionScalar()).isEqualTo(25);
            assertThat(source(model, "sliding_window")).isEqualTo(Source.GRAPH);
            assertThat(source(model, "query_pre_attn_scalar")).isEqualTo(Source.GRAPH);
            assertThat(source(model, "rope_theta")).isEqualTo(Source.DEFAULT);
            assertThat(source(model, "max_position_embeddings")).isEqualTo(Source.DEFAULT);
            assertThat(source(model, "head_dim")).isEqualTo(Source.CONFIG_JSON);
            assertThat(model.report().warnings())
                    .singleElement()
                    .asString()
                    .startsWith("hidden_activation: config.json says gelu");
        }
    }

    /** An exporter's own mistake is no forgotten factor. */
    @Test
    void onlyAFactorThatIsMissingWasForgotten() {
        assertThat(RopeFaults.globalFactor(1, 8)).contains("forget");
        assertThat(RopeFaults.globalFactor(8, 1)).doesNotContain("forget").contains("1.0 is used");
    }

    @Test
    void theWeightsHaveTheLastWordOnSizes() throws IOException {
        writeTiny();
        Files.writeString(
                folder.resolve("genai_config.json"),
                "{\"model\":{\"vocab_size\":999,\"decoder\":{\"num_hidden_layers\":5}}}");
        try (OnnxDecoder model = OnnxDecoder.open(folder)) {
            assertThat(model.config().layers()).isEqualTo(6);
            assertThat(model.report().warnings())
                    .anyMatch(w -> w.contains("num_hidden_layers") && contains(w, "5", "6"))
                    .anyMatch(w -> w.contains("vocab_size") && contains(w, "999", "128"));
        }
    }

    private void writeTiny() throws IOException {
        Files.write(folder.resolve("model.onnx"), TinyDecoder.build().bytes());
    }

    private static boolean contains(String text, String... parts) {
        return Stream.of(parts).allMatch(text::contains);
    }

    private static Source source(OnnxDecoder model, String name) {
        return model.report().settings().stream()
                .filter(setting -> setting.name().equals(name))
                .map(Setting::source)
                .findFirst()
                .orElseThrow();
    }

    private static DecoderSpec expected(String dialect) throws IOException {
        String origin = dialect.startsWith("micro") ? "micro/checkpoint" : "storyteller/text";
        return Family.read(Fixtures.fixture(origin).resolve("config.json"));
    }

    private void copyWithoutConfig(String dialect) throws IOException {
        for (Path graph : Dialects.graphs(dialect)) {
            Files.write(folder.resolve(graph.getFileName()), EditableModel.read(graph).bytes());
        }
        for (Path json : Dialects.configurations(dialect)) {
            if (!json.endsWith("config.json")) {
                Files.copy(json, folder.resolve(json.getFileName()));
            }
        }
    }
}
