package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The storyteller in float32 against ONNX Runtime on the same dequantised weights, and bf16 against
 * float32.
 */
class OnnxRuntimeParityIT {

    private static final int NEW_TOKENS = 128;

    @TempDir Path folder;

    @Test
    void logitsAndGreedyTokensEqualOnnxRuntimesOnTheSameWeights() throws Exception {
        Path source = Fixtures.require("storyteller/onnx/optimum-fp32");
        JsonObject reference =
                Fixtures.json(Fixtures.require("storyteller/reference/reference.json"));
        Path target = folder.resolve("bundle");
        try (OnnxDecoder weights = OnnxDecoder.open(source)) {
            BundleWriter.write(weights, target, BundleOptions.defaults());
        }
        Path patched = folder.resolve("patched.onnx");
        float worst = 0;
        double divergence = 0;
        int agreed = 0;
        int steps = 0;
        try (ModelBundle bundle = ModelBundle.open(target)) {
            DequantizedOnnx.write(source, bundle, patched);
            DecoderOptions options = DecoderOptions.defaults();
            try (OnnxRuntimeLogits oracle = new OnnxRuntimeLogits(patched);
                    DecoderModel exact =
                            DecoderModel.load(bundle, options.withNumerics(Numerics.FLOAT32));
                    DecoderModel narrow = DecoderModel.load(bundle, options)) {
                for (JsonElement prompt : reference.getAsJsonArray("prompts")) {
                    int[] ids = Fixtures.ints(prompt.getAsJsonObject().get("ids"));
                    int[] greedy = new int[NEW_TOKENS];
                    float[][] ours = new float[NEW_TOKENS][];
                    greedy(exact, ids, greedy, ours);
                    int[] all = Fixtures.concat(ids, greedy, NEW_TOKENS - 1);
                    float[][] theirs = oracle.run(all);
                    float[][] rounded = teacherForced(narrow, ids, greedy);
                    for (int i = 0; i < NEW_TOKENS; i++) {
                        float[] expected = theirs[ids.length - 1 + i];
                        worst = Math.max(worst, Logits.maxDifference(expected, ours[i]));
                        if (Logits.topTwoGap(expected) > 2e-3f) {
                            assertThat(greedy[i]).isEqualTo(Logits.argMax(expected));
                        }
                        divergence += Logits.divergence(ours[i], rounded[i]);
                        agreed += Logits.argMax(rounded[i]) == greedy[i] ? 1 : 0;
                        steps++;
                    }
                }
            }
        }
        System.out.printf(
                "float32 against ONNX Runtime: max abs difference %.2e over %d positions; bf16 against float32: KL %.2e,"
                        + " top-1 %.2f %%%n",
                worst, steps, divergence / steps, 100.0 * agreed / steps);
        assertThat(worst).isLessThanOrEqualTo(1e-3f);
    }

    private static void greedy(DecoderModel model, int[] ids, int[] tokens, float[][] logits) {
        try (DecoderSession session = model.newSession()) {
            logits[0] = session.prefill(ids).clone();
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = Logits.argMax(logits[i]);
                if (i + 1 < tokens.length) {
                    logits[i + 1] = session.decode(tokens[i]).clone();
                }
            }
        }
    }

    private static float[][] teacherForced(DecoderModel model, int[] ids, int[] tokens) {
        float[][] logits = new float[tokens.length][];
        try (DecoderSession session = model.newSession()) {
            logits[0] = session.prefill(ids).clone();
            for (int i = 1; i < tokens.length; i++) {
                logits[i] = session.decode(tokens[i - 1]).clone();
            }
        }
        return logits;
    }
}
