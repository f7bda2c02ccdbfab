package io.djlnpu.onnx.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleReport;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.EmbeddingHead;
import io.djlnpu.bundle.EmbeddingHead.DenseLayer;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.SafetensorsCheckpoint;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.bundle.WeightMatrix;
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

    /** The builder's int8 form names codes of the table that are not there; the head has them. */
    @Test
    void aTableInEightBitsIsThatOfTheHead() throws IOException {
        try (SafetensorsCheckpoint truth =
                        SafetensorsCheckpoint.open(Fixtures.fixture("micro/checkpoint"));
                OnnxDecoder onnx =
                        OnnxDecoder.open(Fixtures.fixture("micro/onnx-more/genai-int8"))) {
            assertThat(onnx.names()).doesNotContain(TensorLayout.HEAD);
            assertThat(onnx.report().warnings()).anyMatch(w -> w.contains("not in the file"));
            for (String name :
                    List.of(TensorLayout.EMBEDDING, "model.layers.3.mlp.up_proj.weight")) {
                WeightMatrix found = onnx.matrix(name);
                WeightMatrix expected = truth.matrix(name);
                float[] a = new float[found.columns()];
                float[] b = new float[expected.columns()];
                for (int row = 0; row < found.rows(); row += 31) {
                    found.readRows(row, 1, a);
                    expected.readRows(row, 1, b);
                    for (int i = 0; i < a.length; i++) {
                        assertThat(a[i]).as(name).isCloseTo(b[i], within(0.004f));
                    }
                }
            }
        }
    }

    /** Pooling and two dense layers inside the graph; the real model, where it was built. */
    @Test
    void theRealEmbeddingGemmaHasItsDenseLayersAndPrompts() throws IOException {
        Path export = Fixtures.real("embeddinggemma-300m/onnx/optimum-fp32");
        Path checkpoint = Fixtures.real("embeddinggemma-300m/hf");
        try (OnnxDecoder onnx = OnnxDecoder.open(export);
                SafetensorsCheckpoint source = SafetensorsCheckpoint.open(checkpoint)) {
            assertThat(onnx.config()).isEqualTo(source.config());
            EmbeddingHead head = onnx.config().embedding().orElseThrow();
            assertThat(head.dense())
                    .containsExactly(new DenseLayer(768, 3072), new DenseLayer(3072, 768));
            assertThat(head.prompts()).containsEntry("query", "task: search result | query: ");
            float[] a = new float[768];
            float[] b = new float[768];
            onnx.matrix("2_Dense.linear.weight").readRows(3071, 1, a);
            source.matrix("2_Dense.linear.weight").readRows(3071, 1, b);
            assertThat(a).isEqualTo(b);
        }
    }

    private BundleReport write(DecoderWeights source, String name) throws IOException {
        return BundleWriter.write(
                source,
                folder.resolve(name),
                BundleOptions.defaults().withEncoding(Encoding.MINMAX));
    }
}
