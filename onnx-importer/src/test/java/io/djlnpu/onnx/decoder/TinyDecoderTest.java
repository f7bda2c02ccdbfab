package io.djlnpu.onnx.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A decoder built in code, without any file beside the project. */
class TinyDecoderTest {

    @TempDir Path folder;

    @Test
    void everythingIsReadFromTheGraph() throws IOException {
        Path file = Files.write(folder.resolve("tiny.onnx"), TinyDecoder.build().bytes());
        try (OnnxDecoder model = OnnxDecoder.open(file)) {
            DecoderSpec config = model.config();
            assertThat(config.hiddenSize()).isEqualTo(TinyDecoder.HIDDEN);
            assertThat(config.layers()).isEqualTo(TinyDecoder.LAYERS);
            assertThat(config.heads()).isEqualTo(TinyDecoder.HEADS);
            assertThat(config.kvHeads()).isEqualTo(1);
            assertThat(config.headDim()).isEqualTo(TinyDecoder.HEAD_DIM);
            assertThat(config.intermediateSize()).isEqualTo(TinyDecoder.INTERMEDIATE);
            assertThat(config.vocabSize()).isEqualTo(TinyDecoder.VOCABULARY);
            assertThat(config.maxPositions()).isEqualTo(TinyDecoder.POSITIONS);
            assertThat(config.slidingWindow()).isEqualTo(TinyDecoder.WINDOW);
            assertThat(config.attention().global().rope().theta()).isEqualTo(1e6);
            assertThat(config.attention().local().rope().theta()).isEqualTo(1e4);
            assertThat(config.attention().global().rope().linearFactor()).isEqualTo(8);
            assertThat(config.queryPreAttentionScalar()).isEqualTo(25);
            assertThat(config.rmsNormEpsilon()).isEqualTo(1e-6f);
            assertThat(config.localLayers()).containsExactly(true, true, true, true, true, false);
            assertThat(model.names()).hasSize(13 * TinyDecoder.LAYERS + 2);
        }
    }

    @Test
    void namesAndOrderMeanNothing() throws IOException {
        Path plain = Files.write(folder.resolve("a.onnx"), TinyDecoder.build().bytes());
        EditableModel changed = TinyDecoder.build().renamed().withConstants();
        Path moved = Files.createDirectory(folder.resolve("b")).resolve("b.onnx");
        Files.write(moved, changed.reordered(new Random(1).nextLong()).bytes());
        Path split = Files.createDirectory(folder.resolve("c")).resolve("c.onnx");
        TinyDecoder.build().reordered(7).writeSplit(split, 3);
        try (OnnxDecoder expected = OnnxDecoder.open(plain);
                OnnxDecoder first = OnnxDecoder.open(moved);
                OnnxDecoder second = OnnxDecoder.open(split)) {
            for (OnnxDecoder found : new OnnxDecoder[] {first, second}) {
                assertThat(found.config()).isEqualTo(expected.config());
                assertThat(found.names()).isEqualTo(expected.names());
                for (String name : expected.names()) {
                    assertThat(found.vector(name)).as(name).isEqualTo(expected.vector(name));
                }
            }
        }
    }
}
