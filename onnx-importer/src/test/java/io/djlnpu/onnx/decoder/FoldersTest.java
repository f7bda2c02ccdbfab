package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.testing.Onnx.*;
import static io.djlnpu.onnx.testing.TinyDecoder.operator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.report.ImportReport.ChosenFile;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders as they are after a download that left some files out. */
class FoldersTest {

    private static final String POINTER =
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n";
    private static final String SPLIT = "micro/onnx/split/onnx/";

    @TempDir Path folder;

    @Test
    void filesThatCannotBeOpenedAreInNobodysWay() throws IOException {
        Path model = Files.write(folder.resolve("model_fp16.onnx"), TinyDecoder.build().bytes());
        Files.writeString(folder.resolve("model.onnx"), POINTER);
        Files.createFile(folder.resolve("model_q4.onnx"));
        for (Path path : List.of(folder, model)) {
            try (OnnxDecoder found = OnnxDecoder.open(path)) {
                assertThat(found.report().files())
                        .extracting(ChosenFile::path)
                        .containsExactly(model);
                assertThat(found.report().warnings())
                        .anyMatch(w -> w.contains("model.onnx: a Git LFS pointer"))
                        .anyMatch(w -> w.startsWith("left out: model_q4.onnx"));
            }
        }
    }

    @Test
    void whereNothingIsLeftEveryFileIsNamed() throws IOException {
        Files.writeString(folder.resolve("model.onnx"), POINTER);
        Files.createFile(folder.resolve("model_q4.onnx"));
        assertThatThrownBy(() -> OnnxDecoder.open(folder))
                .isInstanceOfSatisfying(
                        ModelFormatException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.MALFORMED))
                .hasMessageContainingAll("no decoder", "model.onnx", "LFS", "model_q4.onnx");
    }

    @Test
    void aGraphWithoutItsDataGivesWayToOneThatHasIt() throws IOException {
        TinyDecoder.build().writeSplit(folder.resolve("model.onnx"), 1);
        Files.delete(folder.resolve("model.onnx.part0"));
        assertThatThrownBy(() -> OnnxDecoder.open(folder))
                .hasMessageContaining("model.onnx.part0' is not in");
        Path second = Files.write(folder.resolve("model_b.onnx"), TinyDecoder.build().bytes());
        try (OnnxDecoder found = OnnxDecoder.open(folder)) {
            assertThat(found.report().files()).extracting(ChosenFile::path).containsExactly(second);
            assertThat(found.report().files().get(0).reason()).isEqualTo("the only one");
            assertThat(found.report().warnings())
                    .anyMatch(
                            w ->
                                    w.contains("model.onnx.part0")
                                            && w.contains("model_b.onnx is taken"));
        }
    }

    /** Codes of a table of values can't be carried over, and are quantised a second time. */
    @Test
    void ofEquallyPreciseFilesTheOneThatCanBeCarriedOverIsTaken() throws IOException {
        for (String name : List.of("model_bnb4.onnx", "model_q4.onnx", "model_q4f16.onnx")) {
            Path source = Fixtures.fixture("micro/onnx/build-gemma/onnx/" + name);
            Files.write(folder.resolve(name), EditableModel.read(source).bytes());
        }
        Files.copy(
                Fixtures.fixture("micro/onnx/build-gemma/config.json"),
                folder.resolve("config.json"));
        try (OnnxDecoder found = OnnxDecoder.open(folder)) {
            ChosenFile decoder = found.report().files().get(0);
            assertThat(decoder.path().getFileName()).hasToString("model_q4.onnx");
            assertThat(decoder.reason()).isEqualTo("4 bits, as precise as any of 3");
        }
    }

    @Test
    void aTowerThatCannotBeReadOnlyBlindsADecoderThatWasNamed() throws IOException {
        for (String name : List.of("decoder_model_merged_q4.onnx", "embed_tokens_q4.onnx")) {
            Path source = Fixtures.fixture(SPLIT + name);
            Files.write(folder.resolve(name), EditableModel.read(source).bytes());
        }
        Files.copy(Fixtures.fixture("micro/onnx/split/config.json"), folder.resolve("config.json"));
        EditableModel tower =
                EditableModel.read(Fixtures.fixture(SPLIT + "vision_encoder_q4.onnx"));
        tower.editNodes(n -> n.text(NODE_OPERATOR).equals("Softmax") ? null : n);
        Files.write(folder.resolve("vision_encoder_q4.onnx"), tower.bytes());
        assertThatThrownBy(() -> OnnxDecoder.open(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("vision_encoder_q4.onnx");
        Path decoder = folder.resolve("decoder_model_merged_q4.onnx");
        try (OnnxDecoder found = OnnxDecoder.open(decoder)) {
            assertThat(found.config().vision()).isEmpty();
            assertThat(found.report().files())
                    .extracting(ChosenFile::part)
                    .containsExactly("decoder", "embedding");
            assertThat(found.report().warnings())
                    .anyMatch(w -> w.startsWith("the model will not see: vision_encoder_q4.onnx"));
        }
    }

    @Test
    void twoTablesInAnEmbeddingGraphAreNamed() throws IOException {
        for (String name : List.of("decoder_model_merged_q4.onnx", "embed_tokens_q4.onnx")) {
            EditableModel model = EditableModel.read(Fixtures.fixture(SPLIT + name));
            if (name.startsWith("embed")) {
                model.graph()
                        .add(
                                GRAPH_NODE,
                                operator(
                                        "Gather",
                                        List.of("embed_tokens.weight", "input_ids"),
                                        "second"));
            }
            Files.write(folder.resolve(name), model.bytes());
        }
        assertThatThrownBy(() -> OnnxDecoder.open(folder))
                .hasMessageContainingAll("embed_tokens_q4.onnx: 2 tables", "Gather 'the second'");
    }

    /** Names decide only where operators leave it open. */
    @Test
    void aDecoderWithAConvolutionIsNoTower() throws IOException {
        EditableModel model = TinyDecoder.build();
        model.editNodes(
                n ->
                        n.texts(NODE_OUTPUT).contains("l0.down")
                                ? n.replaceTexts(NODE_OPERATOR, List.of("Conv"))
                                : n);
        Files.write(folder.resolve("model.onnx"), model.bytes());
        assertThatThrownBy(() -> OnnxDecoder.open(folder))
                .hasMessageContaining("Conv 'the l0.down': holds a weight in a form");
    }
}
