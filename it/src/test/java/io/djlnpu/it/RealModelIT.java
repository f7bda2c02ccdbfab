package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleReport;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.safetensors.SafetensorsFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real Gemma 3 270M, from its int4 export, against what the file's own weights say in float32.
 */
class RealModelIT {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @TempDir Path folder;

    @Test
    void followsTheReferenceAlongEightPrompts() throws Exception {
        Path source = Fixtures.requireRealModel("genai-int4");
        JsonObject reference =
                Fixtures.json(Fixtures.require("gemma3-270m/reference/genai-int4.json"));
        Path logitsFile = Fixtures.require("gemma3-270m/reference/genai-int4.safetensors");
        Path target = folder.resolve("bundle");
        try (OnnxDecoder weights = OnnxDecoder.open(source)) {
            BundleReport report = BundleWriter.write(weights, target, BundleOptions.defaults());
            System.out.printf("converted in %.1f s%n", report.seconds());
            assertThat(report.tensors().stream().filter(BundleReport.Tensor::carried)).isNotEmpty();
        }
        try (ModelBundle bundle = ModelBundle.open(target);
                SafetensorsFile logits = SafetensorsFile.open(logitsFile)) {
            Agreement exact = follow(bundle, Numerics.FLOAT32, reference, logits);
            Agreement narrow = follow(bundle, Numerics.BF16, reference, logits);
            System.out.println("float32: " + exact);
            System.out.println("bf16: " + narrow);
            assertThat(exact.topOne()).isGreaterThanOrEqualTo(0.97);
            assertThat(exact.widestMissedMargin()).isLessThan(0.3);
            assertThat(exact.worstDivergence()).isLessThanOrEqualTo(0.005);
        }
    }

    record Agreement(double topOne, double widestMissedMargin, double worstDivergence) {}

    private static Agreement follow(
            ModelBundle bundle, Numerics numerics, JsonObject reference, SafetensorsFile logitsFile)
            throws Exception {
        int agreed = 0;
        int steps = 0;
        double widest = 0;
        double divergence = 0;
        try (DecoderModel model =
                DecoderModel.load(bundle, DecoderOptions.defaults().withNumerics(numerics))) {
            for (Map.Entry<String, JsonElement> entry :
                    reference.getAsJsonObject("prompts").entrySet()) {
                JsonObject prompt = entry.getValue().getAsJsonObject();
                int[] greedy = Fixtures.ints(prompt.get("greedy_ids"));
                try (DecoderSession session = model.newSession()) {
                    float[] logits = session.prefill(Fixtures.ints(prompt.get("input_ids")));
                    divergence =
                            Math.max(
                                    divergence,
                                    Logits.divergence(
                                            expected(logitsFile, entry.getKey()), logits));
                    for (int i = 0; i < greedy.length; i++) {
                        if (Logits.argMax(logits) == greedy[i]) {
                            agreed++;
                        } else {
                            widest =
                                    Math.max(
                                            widest,
                                            prompt.getAsJsonArray("margins_top1_top2")
                                                    .get(i)
                                                    .getAsDouble());
                        }
                        steps++;
                        if (i + 1 < greedy.length) {
                            logits = session.decode(greedy[i]);
                        }
                    }
                }
            }
        }
        return new Agreement((double) agreed / steps, widest, divergence);
    }

    private static float[] expected(SafetensorsFile file, String prompt) throws Exception {
        String name =
                file.tensors().keySet().stream()
                        .filter(
                                n ->
                                        n.equals(prompt)
                                                || n.endsWith("." + prompt)
                                                || n.startsWith(prompt + "."))
                        .findFirst()
                        .orElseThrow();
        return file.segment(name).toArray(FLOAT);
    }
}
