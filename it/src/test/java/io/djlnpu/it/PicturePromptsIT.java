package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.VisionLanguageInput;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.ImageEncoder;
import io.djlnpu.decoder.ImageSpan;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.generate.Generation;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.Picture;
import io.djlnpu.generate.PromptCache;
import io.djlnpu.generate.PromptTokens;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.generate.VisionPrompts;
import io.djlnpu.translate.NpuTranslatorFactory;
import io.djlnpu.vision.ImagePreprocessor;
import io.djlnpu.vision.ImageSettings;
import io.djlnpu.vision.PanAndScan;
import io.djlnpu.vision.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several pictures in a prompt, over several turns, in crops, and of odd shapes: transformers on
 * the same weights (FastFlowLM's own bundles), from pixels to answers. picture_prompts.json,
 * written by make_picture_prompts.py beside it.
 */
class PicturePromptsIT {

    private static final Logger LOGGER = LoggerFactory.getLogger(PicturePromptsIT.class);

    /** Of logits that reach 20; both compute in float32. */
    private static final double TOLERANCE = 5e-5;

    private static final int SIDE = 112;
    private static final int SCALE = 3;

    /** Every how many of a row of logits the file holds. */
    private static final int STRIDE = 8;

    @TempDir private static Path folder;

    private static ModelBundle bundle;
    private static DecoderModel model;
    private static Tokenizer tokenizer;
    private static VisionPrompts prompts;

    @BeforeAll
    static void open() throws IOException {
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            copy("storyteller/mm/" + name, name);
        }
        copy("storyteller/mm/chat_template.jinja", "chat_template.jinja");
        copy("storyteller/mm/generation_config.json", "generation_config.json");
        copy("storyteller/mm/preprocessor_config.json", ImageSettings.FILE);
        copy("q4nx/storyteller-f32-requant/model.q4nx", ModelBundle.WEIGHTS_FILE);
        copy("q4nx/storyteller-vision-bf16/model.q4nx", ModelBundle.VISION_FILE);
        bundle = ModelBundle.open(folder);
        model = DecoderModel.load(bundle, options());
        tokenizer = Tokenizer.open(folder);
        prompts = new VisionPrompts(tokenizer, encoder(model), ImageSettings.read(folder, SIDE));
    }

    @AfterAll
    static void close() throws IOException {
        if (bundle != null) {
            tokenizer.close();
            model.close();
            bundle.close();
        }
    }

    private static void copy(String fixture, String name) throws IOException {
        Files.copy(Fixtures.require(fixture), folder.resolve(name));
    }

    private static DecoderOptions options() {
        return DecoderOptions.defaults().withNumerics(Numerics.FLOAT32);
    }

    private static ImageEncoder encoder(DecoderModel model) throws IOException {
        return model.imageEncoder().orElseThrow();
    }

    /** One prompt of the reference. */
    record Case(JsonObject json) {

        @Override
        public String toString() {
            return json.get("name").getAsString();
        }

        String text() {
            return json.get("text").getAsString();
        }

        boolean cropped() {
            return json.get("panAndScan").getAsBoolean();
        }

        int[] ids() {
            return Fixtures.ints(json.get("ids"));
        }

        int[] answer() {
            return Fixtures.ints(json.get("answer"));
        }

        List<RgbImage> pictures() throws IOException {
            List<RgbImage> pictures = new ArrayList<>();
            for (JsonElement recipe : json.getAsJsonArray("pictures")) {
                pictures.add(RgbImage.of(draw(recipe.getAsJsonArray())));
            }
            return pictures;
        }

        PromptTokens prompt() throws IOException {
            List<Picture> shown = new ArrayList<>();
            for (RgbImage picture : pictures()) {
                shown.add(prompts.picture(picture, cropped()));
            }
            return prompts.tokenize(text(), shown);
        }

        /** The pixels of every view, in the order of the prompt. */
        List<float[]> views() throws IOException {
            ImageSettings settings = ImageSettings.read(folder, SIDE);
            if (cropped()) {
                settings = settings.with(PanAndScan.ON);
            }
            List<float[]> views = new ArrayList<>();
            for (RgbImage picture : pictures()) {
                views.addAll(new ImagePreprocessor(settings).views(picture));
            }
            return views;
        }

        float[] logits(String name) {
            ByteBuffer bytes =
                    ByteBuffer.wrap(Base64.getDecoder().decode(json.get(name).getAsString()))
                            .order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[bytes.remaining() / 4];
            bytes.asFloatBuffer().get(values);
            return values;
        }
    }

    static List<Case> cases() {
        try (InputStream in = PicturePromptsIT.class.getResourceAsStream("picture_prompts.json");
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            JsonObject json = JsonParser.parseReader(reader).getAsJsonObject();
            return json.getAsJsonArray("cases").asList().stream()
                    .map(element -> new Case(element.getAsJsonObject()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Case named(String name) {
        return cases().stream().filter(c -> c.toString().equals(name)).findFirst().orElseThrow();
    }

    /** The script's recipes: a picture, a part of one, or several grown and put together. */
    private static BufferedImage draw(JsonArray recipe) throws IOException {
        int[] numbers = recipe.asList().stream().skip(1).mapToInt(JsonElement::getAsInt).toArray();
        String kind = recipe.get(0).getAsString();
        return switch (kind) {
            case "whole" -> file(numbers[0]);
            case "cut" ->
                    file(numbers[0])
                            .getSubimage(
                                    numbers[1],
                                    numbers[2],
                                    numbers[3] - numbers[1],
                                    numbers[4] - numbers[2]);
            default -> together(kind.equals("row"), numbers);
        };
    }

    private static BufferedImage file(int index) throws IOException {
        Path file = Fixtures.require("storyteller/reference/images/" + index + ".png");
        return ImageIO.read(file.toFile());
    }

    private static BufferedImage together(boolean row, int[] numbers) throws IOException {
        int grown = SIDE * SCALE;
        int across = row ? numbers.length : 1;
        int down = row ? 1 : numbers.length;
        BufferedImage all =
                new BufferedImage(grown * across, grown * down, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < numbers.length; i++) {
            BufferedImage part = file(numbers[i]);
            for (int y = 0; y < grown; y++) {
                for (int x = 0; x < grown; x++) {
                    int left = row ? i * grown : 0;
                    int top = row ? 0 : i * grown;
                    all.setRGB(left + x, top + y, part.getRGB(x / SCALE, y / SCALE));
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void pixelsAndTokensAreTheProcessors(Case expected) throws Exception {
        List<String> hashes = new ArrayList<>();
        for (float[] pixels : expected.views()) {
            byte[] levels = new byte[pixels.length];
            for (int i = 0; i < levels.length; i++) {
                levels[i] = (byte) Math.round((pixels[i] * 0.5f + 0.5f) * 255);
            }
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(levels);
            hashes.add(HexFormat.of().formatHex(hash));
        }
        assertThat(hashes)
                .isEqualTo(
                        expected.json.getAsJsonArray("views").asList().stream()
                                .map(JsonElement::getAsString)
                                .toList());
        PromptTokens prompt = expected.prompt();
        assertThat(prompt.ids()).isEqualTo(expected.ids());
        assertThat(prompt.images()).hasSameSizeAs(hashes);
    }

    /**
     * Whatever a chunk is, logits behind the prompt and at the answer's end are the reference's.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void logitsAreThoseOfTheReference(Case expected) throws IOException {
        double worst = 0;
        for (int chunk : new int[] {1, 17, 64, 512}) {
            try (DecoderModel chunked =
                            DecoderModel.load(bundle, options().withPrefillChunk(chunk));
                    DecoderSession session = chunked.newSession()) {
                List<ImageSpan> spans = spans(expected);
                float[] logits = session.prefill(expected.ids(), spans);
                worst = Math.max(worst, distance(logits, expected.logits("logitsFirst")));
                int[] answer = expected.answer();
                for (int id : Arrays.copyOf(answer, answer.length - 1)) {
                    logits = session.decode(id);
                }
                worst = Math.max(worst, distance(logits, expected.logits("logitsLast")));
            }
        }
        LOGGER.info("{}: logits differ by {} at most", expected, worst);
        assertThat(worst).isLessThan(TOLERANCE);
    }

    private static List<ImageSpan> spans(Case expected) throws IOException {
        List<PromptTokens.Placed> places = expected.prompt().images();
        List<float[]> views = expected.views();
        List<ImageSpan> spans = new ArrayList<>();
        for (int i = 0; i < views.size(); i++) {
            float[] features = encoder(model).encode(views.get(i));
            spans.add(new ImageSpan(places.get(i).start(), encoder(model).tokens(), features));
        }
        return spans;
    }

    private static double distance(float[] logits, float[] expected) {
        assertThat(expected).hasSize(logits.length / STRIDE);
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs(expected[i] - logits[i * STRIDE]));
        }
        return worst;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answersAreThoseOfTheReference(Case expected) throws IOException {
        try (PromptCache cache = new PromptCache(model, 1L << 28)) {
            assertThat(answer(cache, expected.prompt())).isEqualTo(expected.answer());
        }
    }

    /** All prompts one after another, each reusing what it shares with those before. */
    @Test
    void whatIsKeptChangesNoAnswer() throws IOException {
        try (PromptCache cache = new PromptCache(model, 1L << 28)) {
            for (Case expected :
                    Stream.concat(cases().stream(), cases().reversed().stream()).toList()) {
                assertThat(answer(cache, expected.prompt()))
                        .as(expected.toString())
                        .isEqualTo(expected.answer());
            }
        }
    }

    private static int[] answer(PromptCache cache, PromptTokens prompt) {
        GenerationConfig config =
                GenerationConfig.builder().maxNewTokens(40).temperature(0).build();
        try (Generation generation =
                new TextGenerator(model, tokenizer, cache).start(prompt, config)) {
            generation.forEachRemaining(token -> {});
            return generation.ids();
        }
    }

    @Test
    void aPredictorCutsWhereItIsAskedTo() throws Exception {
        for (String name : List.of("wide in three crops", "wide, not cut")) {
            Case expected = named(name);
            Criteria<VisionLanguageInput, String> criteria =
                    Criteria.builder()
                            .setTypes(VisionLanguageInput.class, String.class)
                            .optModelPath(folder)
                            .optEngine("NPU")
                            .optTranslatorFactory(new NpuTranslatorFactory())
                            .optArgument("temperature", 0)
                            .optArgument("panAndScan", expected.cropped())
                            .optOption("numerics", "float32")
                            .build();
            JsonArray recipe = expected.json.getAsJsonArray("pictures").get(0).getAsJsonArray();
            try (ZooModel<VisionLanguageInput, String> zoo = criteria.loadModel();
                    Predictor<VisionLanguageInput, String> predictor = zoo.newPredictor()) {
                String said =
                        predictor.predict(
                                new VisionLanguageInput(
                                        ImageFactory.getInstance().fromImage(draw(recipe)),
                                        "Describe the picture."));
                assertThat(said).isEqualTo(tokenizer.decode(expected.answer(), true));
            }
        }
    }
}
