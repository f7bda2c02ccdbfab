package io.djlnpu.samples.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The random model is a Gemma 3 to ONNX Runtime and to us, and it is the same one. */
class RandomDecoderTest {

    /** The root of the hidden size is a power of two: the scaled embedding is exact in bf16. */
    private static final String CONFIG =
            """
            {"architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text",
             "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 6,
             "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
             "vocab_size": 512, "max_position_embeddings": 128, "rms_norm_eps": 1e-6,
             "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "sliding_window": 16,
             "sliding_window_pattern": 6, "query_pre_attn_scalar": 32,
             "hidden_activation": "gelu_pytorch_tanh", "tie_word_embeddings": true,
             "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
            """;

    @TempDir private Path folder;
    private Path model;

    @BeforeEach
    void write() throws Exception {
        Path config = Files.writeString(folder.resolve("config.json"), CONFIG);
        model = folder.resolve("random");
        RandomDecoder.write(config, model);
    }

    @Test
    void bothEnginesComputeTheSameLogits() throws Exception {
        int[] ids = new Random(1).ints(40, 0, 512).toArray();
        Path exact =
                MatMulAccuracy.copy(
                        model.resolve("model.onnx"), 0, Files.createDirectory(folder.resolve("0")));
        try (ModelBundle bundle =
                        new BundleCache(folder.resolve("cache"))
                                .open(model, (name, done, total) -> {});
                DecoderModel ours =
                        DecoderModel.load(
                                bundle, DecoderOptions.defaults().withNumerics(Numerics.FLOAT32));
                DecoderSession session = ours.newSession();
                OnnxRuntimeDecoder theirs = new OnnxRuntimeDecoder(exact, 2, 32, 1)) {
            float[] expected = row(theirs.forward(ids));
            assertClose(session.prefill(ids), expected);
            assertClose(session.decode(7), row(theirs.forward(7)));
        }
    }

    private static float[] row(OnnxRuntimeDecoder.Logits logits) {
        return logits.row(logits.positions() - 1);
    }

    private static void assertClose(float[] ours, float[] theirs) {
        float largest = 0;
        for (float value : theirs) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(largest).isPositive();
        for (int i = 0; i < theirs.length; i++) {
            assertThat(ours[i]).isCloseTo(theirs[i], within(1e-4f * largest));
        }
    }

    @Test
    void everyProductGetsTheAccuracyAskedFor() throws Exception {
        byte[] graph = Files.readAllBytes(model.resolve("model.onnx"));
        byte[] before = graph.clone();
        int products = 5 * 6 + 1;
        assertThat(MatMulAccuracy.set(graph, 0)).isEqualTo(products);
        int changed = 0;
        for (int i = 0; i < graph.length; i++) {
            if (graph[i] != before[i]) {
                assertThat(before[i]).isEqualTo((byte) MatMulAccuracy.AS_EXPORTED);
                assertThat(graph[i]).isZero();
                changed++;
            }
        }
        assertThat(changed).isEqualTo(products);
    }
}
