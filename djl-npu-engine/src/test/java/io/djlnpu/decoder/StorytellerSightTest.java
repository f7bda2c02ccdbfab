package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The storyteller's pictures, beside what transformers sees in them. */
class StorytellerSightTest {

    private static final Logger LOGGER = LoggerFactory.getLogger(StorytellerSightTest.class);

    @TempDir private static Path cache;

    private static ModelBundle bundle;
    private static SafetensorsFile expected;
    private static JsonArray images;

    @BeforeAll
    static void open() throws IOException {
        Path source =
                Fixtures.fixture("storyteller/onnx/split/onnx/decoder_model_merged_fp16.onnx");
        expected =
                SafetensorsFile.open(Fixtures.fixture("storyteller/reference/vision.safetensors"));
        Path reference = Fixtures.fixture("storyteller/reference/reference.json");
        images =
                JsonParser.parseString(Files.readString(reference))
                        .getAsJsonObject()
                        .getAsJsonArray("images");
        bundle = new BundleCache(cache).open(source, (name, done, total) -> {});
    }

    @AfterAll
    static void close() {
        if (bundle != null) {
            bundle.close();
            expected.close();
        }
    }

    private static float[] expected(int image, String what) throws IOException {
        MemorySegment segment = expected.segment(image + "." + what);
        float[] values = new float[(int) (segment.byteSize() / 4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = segment.get(JAVA_FLOAT.withByteAlignment(1), 4L * i);
        }
        return values;
    }

    private static int[] ints(JsonElement array) {
        return StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
                .mapToInt(JsonElement::getAsInt)
                .toArray();
    }

    private static DecoderOptions options(Numerics numerics) {
        return DecoderOptions.defaults().withNumerics(numerics);
    }

    private static ImageSpan span(int[] ids, float[] features) {
        int token = bundle.config().vision().orElseThrow().imageTokenId();
        int start = 0;
        while (ids[start] != token) {
            start++;
        }
        return new ImageSpan(
                start, bundle.config().vision().orElseThrow().tokensPerImage(), features);
    }

    @ParameterizedTest
    @EnumSource(Numerics.class)
    void captionsEqualTheReference(Numerics numerics) throws IOException {
        int agreed = 0;
        int all = 0;
        int whole = 0;
        try (DecoderModel model = DecoderModel.load(bundle, options(numerics));
                DecoderSession session = model.newSession()) {
            ImageEncoder encoder = model.imageEncoder().orElseThrow();
            for (int i = 0; i < images.size(); i++) {
                JsonObject image = images.get(i).getAsJsonObject();
                int[] ids = ints(image.get("ids"));
                float[] features = encoder.encode(expected(i, "pixel_values"));
                session.reset();
                float[] logits = session.prefill(ids, List.of(span(ids, features)));
                int right = 0;
                int[] caption = ints(image.get("continuation_ids"));
                for (int id : caption) {
                    right += argMax(logits) == id ? 1 : 0;
                    logits = session.decode(id);
                }
                agreed += right;
                all += caption.length;
                whole += right == caption.length ? 1 : 0;
            }
        }
        LOGGER.info(
                "{}: {} of {} tokens, {} of {} captions",
                numerics,
                agreed,
                all,
                whole,
                images.size());
        if (numerics == Numerics.FLOAT32) {
            assertThat(whole).isEqualTo(images.size());
        } else {
            assertThat(agreed).isGreaterThan(all * 9 / 10);
        }
    }

    private static int argMax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
