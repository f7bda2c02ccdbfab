package io.djlnpu.samples.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OnnxRuntimeDecoderTest {

    private static final int[] IDS = {2, 607, 788, 363, 599, 277, 452, 385};

    @Test
    void tokenByTokenIsTheSameAsAtOnce() throws OrtException, URISyntaxException {
        try (OnnxRuntimeDecoder decoder = new OnnxRuntimeDecoder(shipped(), 2, 64, 1)) {
            int whole = decoder.forward(IDS).greedy();
            decoder.reset();
            int stepwise = -1;
            for (int id : IDS) {
                stepwise = decoder.forward(id).greedy();
            }
            assertThat(stepwise).isEqualTo(whole);
        }
    }

    @Test
    void resetForgets() throws OrtException, URISyntaxException {
        try (OnnxRuntimeDecoder decoder = new OnnxRuntimeDecoder(shipped(), 2, 64, 1)) {
            OnnxRuntimeDecoder.Logits first = decoder.forward(IDS);
            float[] before = first.row(first.positions() - 1);
            decoder.reset();
            OnnxRuntimeDecoder.Logits second = decoder.forward(IDS);
            assertThat(second.row(second.positions() - 1)).isEqualTo(before);
        }
    }

    private static Path shipped() throws URISyntaxException {
        return Path.of(OnnxRuntimeDecoderTest.class.getResource("/storyteller/model.onnx").toURI());
    }
}
