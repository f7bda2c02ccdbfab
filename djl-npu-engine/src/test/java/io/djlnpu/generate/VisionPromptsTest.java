package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatMessage.Image;
import io.djlnpu.generate.chat.ChatMessage.Text;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.vision.ImageSettings;
import io.djlnpu.vision.PanAndScan;
import io.djlnpu.vision.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VisionPromptsTest {

    private static final int TOKENS = 5;
    private static final String BLOCK =
            "\n\n<start_of_image>" + "<image_soft_token>".repeat(TOKENS) + "<end_of_image>\n\n";

    @TempDir private static Path folder;

    private static TinyModel tiny;

    @BeforeAll
    static void open() throws IOException {
        tiny = new TinyModel(folder, 1);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private final NoiseEncoder encoder = new NoiseEncoder(TOKENS, 4, 64);

    private VisionPrompts prompts(PanAndScan panAndScan) throws IOException {
        return new VisionPrompts(tiny.tokenizer, encoder, ImageSettings.gemma3(4).with(panAndScan));
    }

    private Picture picture(int colour) throws IOException {
        byte[] rgb = new byte[3 * 6 * 5];
        Arrays.fill(rgb, (byte) colour);
        return prompts(PanAndScan.OFF).picture(new RgbImage(6, 5, rgb), false);
    }

    private int[] ids(String text) {
        return tiny.tokenizer.encode(text, false);
    }

    @Test
    void eachPlaceBecomesTheTokensOfAnImage() throws IOException {
        PromptTokens prompt =
                prompts(PanAndScan.OFF)
                        .tokenize(
                                "a<start_of_image>b<start_of_image>",
                                List.of(picture(1), picture(2)));
        assertThat(prompt.ids()).isEqualTo(ids("<bos>a" + BLOCK + "b" + BLOCK));
        assertThat(prompt.images()).hasSize(2);
        int soft = ids("<image_soft_token>")[0];
        for (PromptTokens.Placed placed : prompt.images()) {
            assertThat(prompt.ids()[placed.start() - 1]).isEqualTo(ids("<start_of_image>")[0]);
            assertThat(Arrays.copyOfRange(prompt.ids(), placed.start(), placed.end()))
                    .containsOnly(soft);
            assertThat(prompt.ids()[placed.end()]).isEqualTo(ids("<end_of_image>")[0]);
        }
        assertThat(prompts(PanAndScan.OFF).tokenize("no picture", List.of()).images()).isEmpty();
    }

    @Test
    void cropsComeWithTheirSentence() throws IOException {
        VisionPrompts prompts = prompts(new PanAndScan(true, 2, 4, 1.2));
        Picture wide = prompts.picture(new RgbImage(12, 4, new byte[3 * 12 * 4]), false);
        assertThat(wide.views()).hasSize(4);
        PromptTokens prompt = prompts.tokenize("<start_of_image>what?", List.of(wide));
        String text =
                "Here is the original image "
                        + BLOCK
                        + " and here are some crops to help you see better ";
        assertThat(prompt.ids())
                .isEqualTo(ids("<bos>" + text + BLOCK + " " + BLOCK + " " + BLOCK + "what?"));
        assertThat(prompt.images()).hasSize(4);
    }

    @Test
    void placesAndPicturesMustBeAsMany() throws IOException {
        VisionPrompts prompts = prompts(PanAndScan.OFF);
        List<Picture> one = List.of(picture(1));
        assertThatThrownBy(() -> prompts.tokenize("what is it?", one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 times")
                .hasMessageContaining("1 pictures");
        assertThatThrownBy(() -> prompts.tokenize("<start_of_image>", List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> prompts.tokenize("<image_soft_token><start_of_image>", one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("<image_soft_token>");
        assertThatThrownBy(() -> prompts.tokenize("<start_of_image><image_soft_token>", one))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** The reference's own prompts, from message to token. */
    @Test
    void chatMessagesBecomeTheReferencesPrompts() throws IOException {
        Path model = Fixtures.fixture("storyteller/mm");
        Path reference = Fixtures.fixture("storyteller/reference/reference.json");
        ChatTemplate template = ChatTemplate.open(model);
        try (Tokenizer tokenizer = Tokenizer.open(model)) {
            VisionPrompts prompts =
                    new VisionPrompts(
                            tokenizer,
                            new NoiseEncoder(16, 112, 8),
                            ImageSettings.read(model, 112));
            Picture any = prompts.picture(new RgbImage(1, 1, new byte[3]), false);
            for (JsonElement element :
                    JsonParser.parseString(Files.readString(reference))
                            .getAsJsonObject()
                            .getAsJsonArray("images")) {
                JsonObject image = element.getAsJsonObject();
                Text question = new Text(image.get("question").getAsString());
                String text =
                        template.render(
                                List.of(new ChatMessage("user", List.of(new Image(), question))),
                                true);
                assertThat(text).isEqualTo(image.get("text").getAsString());
                int[] expected =
                        image.getAsJsonArray("ids").asList().stream()
                                .mapToInt(JsonElement::getAsInt)
                                .toArray();
                PromptTokens prompt = prompts.tokenize(text, List.of(any));
                assertThat(prompt.ids()).isEqualTo(expected);
                int start = 0;
                while (image.getAsJsonArray("token_type_ids").get(start).getAsInt() == 0) {
                    start++;
                }
                assertThat(prompt.images())
                        .extracting(PromptTokens.Placed::start)
                        .containsExactly(start);
            }
        }
    }

    private int[] answer(PromptCache cache, PromptTokens prompt) {
        GenerationConfig config =
                GenerationConfig.builder().maxNewTokens(12).ignoreEos(true).temperature(0).build();
        TextGenerator generator = new TextGenerator(tiny.model, tiny.tokenizer, cache);
        try (Generation generation = generator.start(prompt, config)) {
            generation.forEachRemaining(token -> {});
            return generation.ids();
        }
    }

    /** A whole prompt at once, with nothing between the pieces and the model. */
    private int[] reference(PromptTokens prompt) {
        try (DecoderSession session = tiny.model.newSession()) {
            float[] logits = session.prefill(prompt.ids(), prompt.spans(0, prompt.length()));
            int[] answer = new int[12];
            for (int i = 0; i < answer.length; i++) {
                for (int id = 1; id < logits.length; id++) {
                    answer[i] = logits[id] > logits[answer[i]] ? id : answer[i];
                }
                logits = session.decode(answer[i]);
            }
            return answer;
        }
    }

    @Test
    void anImageThatWasSeenIsNotLookedAtAgain() throws IOException {
        String first = "once<start_of_image>and<start_of_image>what is this?";
        VisionPrompts prompts = prompts(PanAndScan.OFF);
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            PromptTokens turn = prompts.tokenize(first, List.of(picture(1), picture(2)));
            assertThat(answer(cache, turn)).isEqualTo(reference(turn));
            assertThat(encoder.calls()[0]).isEqualTo(2);

            PromptTokens next =
                    prompts.tokenize(
                            first + "<start_of_image>and?",
                            List.of(picture(1), picture(2), picture(3)));
            int[] answer = answer(cache, next);
            assertThat(encoder.calls()[0]).as("only the new one").isEqualTo(3);
            assertThat(answer).isEqualTo(reference(next));
        }
    }

    @Test
    void anImageOfOtherContentIsAnother() throws IOException {
        String text = "<start_of_image><start_of_image>";
        VisionPrompts prompts = prompts(PanAndScan.OFF);
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            PromptTokens one = prompts.tokenize(text, List.of(picture(1), picture(2)));
            PromptTokens other = prompts.tokenize(text, List.of(picture(1), picture(9)));
            assertThat(other.ids()).isEqualTo(one.ids());
            int[] answer = answer(cache, one);
            int before = encoder.calls()[0];
            int[] otherAnswer = answer(cache, other);
            assertThat(encoder.calls()[0]).as("the first one is the same").isEqualTo(before + 1);
            assertThat(otherAnswer).isEqualTo(reference(other)).isNotEqualTo(answer);
        }
    }

    /** However the chunks of 8 fall, an image of 5 is fed as a whole. */
    @Test
    void imagesAreNeverCut() throws IOException {
        VisionPrompts prompts = prompts(PanAndScan.OFF);
        for (int words = 0; words < 12; words++) {
            PromptTokens prompt =
                    prompts.tokenize(
                            "a".repeat(words) + "<start_of_image>b<start_of_image>",
                            List.of(picture(1), picture(2)));
            try (PromptCache cache = new PromptCache(tiny.model, 0)) {
                assertThat(answer(cache, prompt)).as(words + " words").isEqualTo(reference(prompt));
            }
        }
    }

    @Test
    void aBeginningThatEndsInsideAnImageIsCutBeforeIt() throws IOException {
        int[] held = {2, 7, -5, -6, -7, 9, 9};
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            DecoderSession session = tiny.model.newSession();
            session.prefill(new int[held.length]);
            cache.release(session, held);
            assertThat(reused(cache, 2, 7, -5, -6, -8, 9)).isEqualTo(2);
            assertThat(reused(cache, 2, 7, -5, -6, -7, 8, 9)).isEqualTo(5);
            assertThat(reused(cache, 2, 7, -5, -6, -7)).isEqualTo(2);
        }
    }

    private static int reused(PromptCache cache, int... keys) {
        try (DecoderSession session = cache.acquire(keys)) {
            return session.position();
        }
    }
}
