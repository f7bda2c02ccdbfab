package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.decoder.WeightLayout;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same bits whatever the number of threads and however a prompt is cut, on the model that
 * ships.
 */
class DeterminismIT {

    private static final int PROMPT = 150;
    private static final int DECODED = 12;

    @TempDir static Path folder;

    private static ModelBundle bundle;

    @BeforeAll
    static void convert() throws Exception {
        try (OnnxDecoder weights = OnnxDecoder.open(ShippedModel.folder())) {
            BundleWriter.write(weights, folder.resolve("bundle"), BundleOptions.defaults());
        }
        bundle = ModelBundle.open(folder.resolve("bundle"));
    }

    @AfterAll
    static void close() {
        bundle.close();
    }

    @ParameterizedTest
    @EnumSource(Numerics.class)
    void threadsDoNotMatter(Numerics numerics) throws Exception {
        DecoderOptions options = DecoderOptions.defaults().withNumerics(numerics);
        float[] expected = run(options.withThreads(1), PROMPT);
        assertThat(run(options.withThreads(2), PROMPT)).isEqualTo(expected);
        assertThat(run(options.withThreads(5), PROMPT)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(Numerics.class)
    void packedWeightsDoNotMatter(Numerics numerics) throws Exception {
        DecoderOptions options = DecoderOptions.defaults().withNumerics(numerics);
        assertThat(run(options.withWeights(WeightLayout.PACKED), PROMPT))
                .isEqualTo(run(options.withWeights(WeightLayout.MAPPED), PROMPT));
    }

    @ParameterizedTest
    @CsvSource({"1,BF16", "7,BF16", "64,BF16", "1,FLOAT32", "7,FLOAT32", "64,FLOAT32"})
    void chunksDoNotMatter(int chunk, Numerics numerics) throws Exception {
        DecoderOptions options = DecoderOptions.defaults().withNumerics(numerics);
        float[] whole = run(options, PROMPT);
        assertThat(run(options, chunk)).isEqualTo(whole);
        assertThat(run(options.withPrefillChunk(chunk), PROMPT)).isEqualTo(whole);
    }

    /** Feeds the prompt in pieces, then decodes; all logits in one array. */
    private static float[] run(DecoderOptions options, int piece) throws Exception {
        int vocab = bundle.config().vocabSize();
        float[] all = new float[(DECODED + 1) * vocab];
        try (DecoderModel model = DecoderModel.load(bundle, options);
                DecoderSession session = model.newSession()) {
            float[] logits = null;
            for (int from = 0; from < PROMPT; from += piece) {
                int[] ids = new int[Math.min(piece, PROMPT - from)];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = (from + i) * 7919 % vocab;
                }
                logits = session.prefill(ids);
            }
            System.arraycopy(logits, 0, all, 0, vocab);
            for (int i = 1; i <= DECODED; i++) {
                System.arraycopy(session.decode(i * 31 % vocab), 0, all, i * vocab, vocab);
            }
        }
        return all;
    }
}
