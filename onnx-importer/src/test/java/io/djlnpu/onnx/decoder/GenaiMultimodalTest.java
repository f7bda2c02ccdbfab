package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.decoder.DialectsTest.relativeError;
import static io.djlnpu.onnx.testing.Onnx.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.report.ImportReport;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.FloatWeights;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.VisionGraphs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three graphs beside each other and no {@code config.json}. The fixture's text graph lacks the
 * final norm, as ONNX Runtime's answers on it show too.
 */
class GenaiMultimodalTest {

    private static final Path FIXTURE = Path.of("micro/onnx/genai-multimodal");
    private static final String LAST_NORM = "/model/layers.6/post_feedforward_layernorm/output_0";
    private static final String RESIDUAL = "/model/layers.6/pre_feedforward_layernorm/output_3";

    @TempDir Path folder;

    @Test
    void aTextGraphWithoutItsFinalNormIsRefusedByName() {
        Path source = Fixtures.fixture(FIXTURE.toString());
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> OnnxDecoder.open(source))
                .withMessageContaining("gemma-3-text.onnx")
                .withMessageContaining("final norm")
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED_MODEL));
    }

    @Test
    void withTheFinalNormPutBackAllThreeGraphsMakeOneModel() throws IOException {
        lay();
        try (FloatWeights truth = FloatWeights.of(FIXTURE + "/");
                OnnxDecoder model = OnnxDecoder.open(folder)) {
            for (String name : model.names()) {
                assertThat(relativeError(model.vector(name), truth.vector(name)))
                        .as(name)
                        .isLessThanOrEqualTo(0.13);
            }
            assertThat(model.report().files())
                    .extracting(ImportReport.ChosenFile::part)
                    .containsExactly("decoder", "embedding", "vision");
            DecoderSpec expected =
                    Family.read(Fixtures.fixture(VisionGraphs.CHECKPOINT).resolve("config.json"));
            assertThat(model.config())
                    .usingRecursiveComparison()
                    .ignoringFields("tokens.eos", "attention.global.rope.scaling")
                    .isEqualTo(expected);
        }
    }

    @Test
    void theImageTokenIsTheOneThatTheEmbeddingGraphReplaces() throws IOException {
        lay();
        Files.delete(folder.resolve("tokenizer_config.json"));
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> OnnxDecoder.open(folder))
                .withMessageContaining("boi_token_index")
                .withMessageNotContaining("image_token_index")
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.MISSING_CONFIG));
    }

    private void lay() throws IOException {
        Path source = Fixtures.fixture(FIXTURE.toString());
        for (String name :
                List.of(
                        "gemma-3-embedding.onnx",
                        "gemma-3-embedding.onnx.data",
                        "gemma-3-vision.onnx",
                        "gemma-3-vision.onnx.data",
                        "genai_config.json",
                        "tokenizer_config.json")) {
            Files.copy(source.resolve(name), folder.resolve(name));
        }
        EditableModel text = EditableModel.read(source.resolve("gemma-3-text.onnx"));
        float[] norm;
        try (FloatWeights truth = FloatWeights.of(FIXTURE + "/")) {
            norm = truth.vector("model.norm.weight");
        }
        text.graph().add(GRAPH_INITIALIZER, tensor("final_norm", norm));
        text.graph()
                .add(
                        GRAPH_NODE,
                        new ProtoMessage()
                                .replaceTexts(
                                        NODE_INPUT, List.of(RESIDUAL, LAST_NORM, "final_norm"))
                                .add(NODE_OUTPUT, "normed")
                                .add(NODE_OPERATOR, "SkipSimplifiedLayerNormalization")
                                .add(NODE_DOMAIN, "com.microsoft")
                                .add(
                                        NODE_ATTRIBUTE,
                                        new ProtoMessage()
                                                .add(ATTRIBUTE_NAME, "epsilon")
                                                .add(ATTRIBUTE_FLOAT, 1e-6f)
                                                .add(ATTRIBUTE_TYPE, 1)));
        text.editNodes(node -> isHead(node) ? reading(node, "normed") : node);
        Files.write(folder.resolve("gemma-3-text.onnx"), text.bytes());
    }

    private static boolean isHead(ProtoMessage node) {
        return node.texts(NODE_INPUT).contains(LAST_NORM)
                && node.text(NODE_OPERATOR).equals("MatMulNBits");
    }

    private static ProtoMessage reading(ProtoMessage node, String value) {
        List<String> inputs =
                node.texts(NODE_INPUT).stream()
                        .map(input -> input.equals(LAST_NORM) ? value : input)
                        .toList();
        return node.replaceTexts(NODE_INPUT, inputs);
    }

    private static ProtoMessage tensor(String name, float[] values) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            raw.putFloat(value);
        }
        return new ProtoMessage()
                .add(TENSOR_DIMS, values.length)
                .add(TENSOR_TYPE, 1)
                .add(TENSOR_NAME, name)
                .add(TENSOR_RAW, raw.array());
    }
}
