package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.TextEmbedder;
import io.djlnpu.generate.EmbeddingTokenizer;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real EmbeddingGemma 300M in four bits against sentence-transformers in float32. */
class RealEmbeddingIT {

    @TempDir Path folder;

    @Test
    void vectorsAndRankingsFollowTheReference() throws Exception {
        Path source = Fixtures.requireRealModel("embeddinggemma-300m", "optimum-fp32");
        JsonObject reference =
                Fixtures.json(Fixtures.require("embeddinggemma-300m/reference.json"));
        Path target = folder.resolve("bundle");
        try (OnnxDecoder weights = OnnxDecoder.open(source)) {
            BundleWriter.write(weights, target, BundleOptions.defaults());
        }
        List<float[]> vectors;
        List<float[]> expected = new ArrayList<>();
        List<String> kinds = new ArrayList<>();
        try (ModelBundle bundle = ModelBundle.open(target);
                Tokenizer words = Tokenizer.open(source);
                DecoderModel model = DecoderModel.load(bundle, DecoderOptions.defaults());
                TextEmbedder embedder = model.newEmbedder()) {
            EmbeddingTokenizer tokenizer =
                    new EmbeddingTokenizer(bundle.config(), model.maxContext(), words);
            List<int[]> ids = new ArrayList<>();
            for (JsonElement element : reference.getAsJsonArray("texts")) {
                JsonObject text = element.getAsJsonObject();
                kinds.add(text.get("prompt").getAsString());
                int[] own =
                        tokenizer.encode(text.get("text").getAsString(), kinds.getLast(), false);
                assertThat(own).isEqualTo(Fixtures.ints(text.get("ids")));
                ids.add(own);
                List<JsonElement> numbers = text.getAsJsonArray("embedding").asList();
                float[] vector = new float[numbers.size()];
                for (int i = 0; i < vector.length; i++) {
                    vector[i] = numbers.get(i).getAsFloat();
                }
                expected.add(vector);
            }
            vectors = embedder.embed(ids);
        }
        double sum = 0;
        double worst = 1;
        for (int i = 0; i < vectors.size(); i++) {
            double cosine = cosine(vectors.get(i), expected.get(i), expected.get(i).length);
            sum += cosine;
            worst = Math.min(worst, cosine);
        }
        double mean = sum / vectors.size();
        System.out.printf("cosine with the reference: mean %.4f, worst %.4f%n", mean, worst);
        assertThat(mean).isGreaterThanOrEqualTo(0.985);
        assertThat(worst).isGreaterThanOrEqualTo(0.93);
        assertThat(best(vectors, kinds, 768)).isEqualTo(best(reference, "ranking"));
        assertThat(best(vectors, kinds, 256)).isEqualTo(best(reference, "ranking256"));
    }

    private static double cosine(float[] a, float[] b, int width) {
        double dot = 0;
        double squares = 0;
        double others = 0;
        for (int i = 0; i < width; i++) {
            dot += (double) a[i] * b[i];
            squares += (double) a[i] * a[i];
            others += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(squares * others);
    }

    /** For each query the document that is most like it, counted among documents. */
    private static List<Integer> best(List<float[]> vectors, List<String> kinds, int width) {
        List<float[]> documents = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            if (kinds.get(i).equals("document")) {
                documents.add(vectors.get(i));
            }
        }
        List<Integer> best = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            if (kinds.get(i).equals("query")) {
                int found = 0;
                for (int d = 1; d < documents.size(); d++) {
                    double other = cosine(vectors.get(i), documents.get(d), width);
                    if (other > cosine(vectors.get(i), documents.get(found), width)) {
                        found = d;
                    }
                }
                best.add(found);
            }
        }
        return best;
    }

    private static List<Integer> best(JsonObject reference, String ranking) {
        return reference.getAsJsonArray(ranking).asList().stream()
                .map(row -> row.getAsJsonArray().get(0).getAsInt())
                .toList();
    }
}
