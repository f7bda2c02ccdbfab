package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.testing.Onnx.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.ProtoMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vision graphs that are not the tower of the decoder beside them. */
class VisionFaultsTest {

    private static final String TOWER = "vision_encoder_fp16.onnx";

    @TempDir Path folder;
    private Path split;

    @BeforeEach
    void lay() throws IOException {
        split = Fixtures.fixture("micro/onnx/split");
        for (String name : List.of("decoder_model_merged_q4f16", "embed_tokens_q4f16")) {
            for (String end : List.of(".onnx", ".onnx_data")) {
                Files.copy(split.resolve("onnx").resolve(name + end), folder.resolve(name + end));
            }
        }
        Files.copy(split.resolve("config.json"), folder.resolve("config.json"));
    }

    @ParameterizedTest
    @CsvSource({
        "image_size, 56, 84",
        "patch_size, 14, 28",
        "num_hidden_layers, 2, 3",
        "intermediate_size, 96, 128"
    })
    void aConfigurationOfAnotherTowerIsRefused(String key, int right, int wrong)
            throws IOException {
        Files.copy(split.resolve("onnx").resolve(TOWER), folder.resolve(TOWER));
        Path config = folder.resolve("config.json");
        String text = Files.readString(config);
        int vision = text.indexOf("vision_config");
        String changed =
                text.substring(vision)
                        .replaceFirst("\"" + key + "\": " + right, "\"" + key + "\": " + wrong);
        Files.writeString(config, text.substring(0, vision) + changed);
        refused(Code.SHAPE_MISMATCH, key);
    }

    @Test
    void aTowerWithoutABiasIsNotGemmas() throws IOException {
        edited(
                node ->
                        node.text(NODE_NAME).endsWith("layers.1/mlp/fc1/Add")
                                ? node.replaceTexts(NODE_OPERATOR, List.of("Sub"))
                                : node);
        refused(Code.UNSUPPORTED_MODEL, "no bias of");
    }

    @Test
    void aTowerWithoutPositionsIsNotGemmas() throws IOException {
        edited(
                node ->
                        node.text(NODE_NAME).endsWith("embeddings/Add")
                                ? node.replaceTexts(NODE_OPERATOR, List.of("Max"))
                                : node);
        refused(Code.UNSUPPORTED_MODEL, "positions");
    }

    @Test
    void aConvolutionAloneIsNoTower() throws IOException {
        edited(node -> node.text(NODE_OPERATOR).equals("Conv") ? node : null);
        refused(Code.UNSUPPORTED_MODEL, "no projection leads to the image features");
    }

    /** Attention and MLP fed by each other instead of by the patches. */
    @Test
    void layersInACircleEnd() throws IOException {
        String[] last = {""};
        EditableModel model = EditableModel.read(split.resolve("onnx").resolve(TOWER));
        for (ProtoMessage node : model.nodes()) {
            if (node.text(NODE_NAME).endsWith("layers.1/Add_1")) {
                last[0] = node.text(NODE_OUTPUT);
            }
        }
        assertThat(last[0]).isNotEmpty();
        model.editNodes(
                node ->
                        node.text(NODE_NAME).endsWith("embeddings/Add")
                                ? node.replaceTexts(NODE_INPUT, List.of(last[0], last[0]))
                                : node);
        Files.write(folder.resolve(TOWER), model.bytes());
        refused(Code.UNSUPPORTED_MODEL, "circle");
    }

    private void edited(UnaryOperator<ProtoMessage> edit) throws IOException {
        EditableModel model = EditableModel.read(split.resolve("onnx").resolve(TOWER));
        int before = model.nodes().size();
        String text = new String(model.bytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
        model.editNodes(edit);
        String after = new String(model.bytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(after).as("an edit of one of %d nodes", before).isNotEqualTo(text);
        Files.write(folder.resolve(TOWER), model.bytes());
    }

    private void refused(Code code, String message) {
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> OnnxDecoder.open(folder).close())
                .withMessageContaining(TOWER)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
