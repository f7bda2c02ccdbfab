package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The storyteller, quantised, beside what its float32 checkpoint answers. */
class StorytellerTest {

    private static final Logger LOGGER = LoggerFactory.getLogger(StorytellerTest.class);

    @TempDir private static Path cache;

    private static ModelBundle bundle;
    private static DecoderModel model;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() throws IOException {
        Path source = Fixtures.fixture("storyteller/onnx/optimum-fp32");
        bundle = new BundleCache(cache).open(source, (name, done, total) -> {});
        model = DecoderModel.load(bundle, DecoderOptions.defaults().withNumerics(Numerics.FLOAT32));
        tokenizer = Tokenizer.open(source);
    }

    @AfterAll
    static void close() {
        if (model != null) {
            tokenizer.close();
            model.close();
            bundle.close();
        }
    }

    private static JsonObject reference(String name) throws IOException {
        Path file = Fixtures.fixture("storyteller/reference/" + name);
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    private static int[] ints(JsonElement array) {
        return StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
                .mapToInt(JsonElement::getAsInt)
                .toArray();
    }

    /** Led along the reference, so that one early difference does not hide what follows. */
    @Test
    void greedySearchFollowsTheReferenceUpToQuantisation() throws IOException {
        int agreed = 0;
        int all = 0;
        int whole = 0;
        int prompts = 0;
        for (JsonElement element : reference("reference.json").getAsJsonArray("prompts")) {
            JsonObject prompt = element.getAsJsonObject();
            int[] ids = ints(prompt.get("ids"));
            int[] expected = ints(prompt.get("continuation_ids"));
            try (DecoderSession session = model.newSession()) {
                float[] logits = session.prefill(ids);
                for (int id : expected) {
                    agreed += Sampler.argMax(logits) == id ? 1 : 0;
                    all++;
                    logits = session.decode(id);
                }
            }
            TextGenerator generator = new TextGenerator(model, tokenizer);
            try (Generation answer = generator.start(ids, GenerationConfig.greedy(128))) {
                answer.forEachRemaining(token -> {});
                whole += Arrays.equals(answer.ids(), expected) ? 1 : 0;
                prompts++;
            }
        }
        LOGGER.info("top-1 {} of {}, whole answers {} of {}", agreed, all, whole, prompts);
        assertThat((double) agreed / all).isGreaterThan(0.9);
    }

    /**
     * Mean negative log-likelihoods of float32 for two windows of the held-out text: the first one
     * is transformers', the others ONNX Runtime's, which gives the first one to six digits.
     */
    @Test
    void perplexityIsNearTheReference() throws IOException {
        int[] ids =
                tokenizer.encode(
                        Files.readString(Fixtures.fixture("storyteller/reference/heldout.txt")),
                        true);
        checkWindows(TextWindow.cut(ids, 512), 1.077366, 1.086763);
        checkWindows(TextWindow.cut(ids, 512, 256), 1.077366, 0.959421);
    }

    private static void checkWindows(List<TextWindow> text, double... expected) {
        List<TextWindow> windows = text.subList(0, expected.length);
        Perplexity measured = Perplexity.measure(model, windows, done -> {});
        assertThat(measured.tokens()).isEqualTo(511 + windows.get(1).scored());
        for (int i = 0; i < expected.length; i++) {
            LOGGER.info("{}: {}, float32 {}", i, measured.windowMeanNll().get(i), expected[i]);
            assertThat(measured.windowMeanNll().get(i)).isCloseTo(expected[i], within(0.04));
        }
    }

    /** Every token is scored once, however the windows overlap. */
    @Test
    void windowsThatOverlapScoreEachTokenOnce() {
        int[] ids = tokenizer.encode("Once upon a time there was a small fox named Pip.", true);
        Perplexity overlapping = Perplexity.measure(model, TextWindow.cut(ids, 6, 2), done -> {});
        assertThat(overlapping.tokens()).isEqualTo(ids.length - 1);
        double whole = 0;
        try (DecoderSession session = model.newSession()) {
            float[] logits = session.prefill(new int[] {ids[0]});
            for (int i = 1; i < 6; i++) {
                whole -= Sampler.logProb(logits, ids[i]);
                logits = session.prefill(new int[] {ids[i]});
            }
        }
        assertThat(overlapping.windowMeanNll().getFirst()).isCloseTo(whole / 5, within(1e-9));
    }
}
