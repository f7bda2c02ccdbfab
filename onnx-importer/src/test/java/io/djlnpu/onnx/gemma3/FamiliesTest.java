package io.djlnpu.onnx.gemma3;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleReport;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.SafetensorsCheckpoint;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.q4nx.Encoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other families become, beside the checkpoint that they were exported from. */
class FamiliesTest {

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "families/llama/checkpoint,families/llama/optimum-fp32",
        "families/qwen3/checkpoint,families/qwen3/optimum-fp32",
        "families/embeddinggemma/checkpoint,families/embeddinggemma/optimum-fp32"
    })
    void aFloat32ExportIsTheCheckpointToTheByte(String checkpoint, String export)
            throws IOException {
        try (SafetensorsCheckpoint source =
                        SafetensorsCheckpoint.open(Fixtures.fixture(checkpoint));
                OnnxDecoder onnx = OnnxDecoder.open(Fixtures.fixture(export))) {
            assertThat(onnx.config())
                    .usingRecursiveComparison()
                    .ignoringFields("tokens.eos")
                    .isEqualTo(source.config());
            write(source, "checkpoint");
            write(onnx, "onnx");
        }
        assertThat(
                        Files.mismatch(
                                folder.resolve("checkpoint").resolve(ModelBundle.WEIGHTS_FILE),
                                folder.resolve("onnx").resolve(ModelBundle.WEIGHTS_FILE)))
                .isEqualTo(-1);
    }

    /** No config.json: what the checkpoint states is found in the graph again. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen3"})
    void fourBitsAreCarriedOver(String family) throws IOException {
        Path export = Fixtures.fixture("families/" + family + "/genai-int4");
        try (SafetensorsCheckpoint source =
                        SafetensorsCheckpoint.open(
                                Fixtures.fixture("families/" + family + "/checkpoint"));
                OnnxDecoder onnx = OnnxDecoder.open(export)) {
            assertThat(onnx.config())
                    .usingRecursiveComparison()
                    .ignoringFields("tokens.eos")
                    .isEqualTo(source.config());
            BundleReport report = write(onnx, "onnx");
            List<BundleReport.Tensor> projections =
                    report.tensors().stream().filter(t -> t.name().contains("_proj")).toList();
            assertThat(projections).hasSize(3 * 7).allMatch(BundleReport.Tensor::carried);
            assertThat(onnx.report().warnings()).isEmpty();
        }
    }

    /** The exporter wrote the window that transformers had halved already. */
    @Test
    void theGraphsMaskDecidesHowFarAnEmbeddingSees() throws IOException {
        try (OnnxDecoder onnx =
                OnnxDecoder.open(Fixtures.fixture("families/embeddinggemma/optimum-fp32"))) {
            assertThat(onnx.config().attention().local().visible()).isEqualTo(Visibility.around(8));
            assertThat(onnx.config().attention().global().visible()).isEqualTo(Visibility.ALL);
        }
    }

    private BundleReport write(DecoderWeights source, String name) throws IOException {
        return BundleWriter.write(
                source,
                folder.resolve(name),
                BundleOptions.defaults().withEncoding(Encoding.MINMAX));
    }
}
