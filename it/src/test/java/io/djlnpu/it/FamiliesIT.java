package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tiny decoders of other families, in float32, against ONNX Runtime on the same weights. */
class FamiliesIT {

    private static final float TOLERANCE = 2e-4f;

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({"llama,optimum-fp32", "qwen3,optimum-fp32", "llama,genai-int4", "qwen3,genai-int4"})
    void logitsEqualOnnxRuntimes(String family, String export) throws Exception {
        Path graph = Fixtures.require("families/" + family + "/optimum-fp32");
        Path source = Fixtures.require("families/" + family + "/" + export);
        JsonElement prompts =
                Fixtures.json(Fixtures.require("families/reference.json")).get("prompts");
        Path target = folder.resolve("bundle");
        try (OnnxDecoder weights = OnnxDecoder.open(source)) {
            BundleWriter.write(weights, target, BundleOptions.defaults());
        }
        Path patched = folder.resolve("patched.onnx");
        try (ModelBundle bundle = ModelBundle.open(target)) {
            DequantizedOnnx.write(graph, bundle, patched);
            DecoderOptions options = DecoderOptions.defaults().withNumerics(Numerics.FLOAT32);
            try (OnnxRuntimeLogits oracle = new OnnxRuntimeLogits(patched);
                    DecoderModel model = DecoderModel.load(bundle, options)) {
                for (JsonElement prompt : prompts.getAsJsonArray()) {
                    int[] ids = Fixtures.ints(prompt);
                    float[][] theirs = oracle.run(ids);
                    assertThat(worst(theirs, prefilled(model, ids))).isLessThan(TOLERANCE);
                    assertThat(worst(theirs, decoded(model, ids))).isLessThan(TOLERANCE);
                }
            }
        }
    }

    private static float worst(float[][] expected, float[][] actual) {
        float worst = 0;
        for (int t = 0; t < expected.length; t++) {
            worst = Math.max(worst, Logits.maxDifference(expected[t], actual[t]));
        }
        return worst;
    }

    private static float[][] prefilled(DecoderModel model, int[] ids) {
        float[][] logits = new float[ids.length][];
        try (DecoderSession session = model.newSession()) {
            session.prefillAll(ids, (t, row) -> logits[t] = row.clone());
        }
        return logits;
    }

    private static float[][] decoded(DecoderModel model, int[] ids) {
        float[][] logits = new float[ids.length][];
        try (DecoderSession session = model.newSession()) {
            logits[0] = session.prefill(new int[] {ids[0]}).clone();
            for (int t = 1; t < ids.length; t++) {
                logits[t] = session.decode(ids[t]).clone();
            }
        }
        return logits;
    }
}
