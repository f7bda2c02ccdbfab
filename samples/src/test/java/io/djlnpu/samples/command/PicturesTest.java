package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.PromptCache;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.samples.chat.Assistant.Answer;
import io.djlnpu.samples.chat.Assistant.Turn;
import io.djlnpu.samples.chat.StopSignal;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands with pictures, on the shipped model. */
class PicturesTest {

    private static final String QUESTION = "Describe the picture.";

    @TempDir private static Path folder;

    private static Path bundle;
    private static Path red;
    private static Path blue;

    @BeforeAll
    static void prepare() throws Exception {
        bundle = folder.resolve("bundle");
        Path source = Path.of(PicturesTest.class.getResource("/storyteller/model.onnx").toURI());
        assertThat(Run.of("convert", source.getParent(), bundle).code()).isZero();
        red = draw("red.png", Color.RED);
        blue = draw("blue.jpg", Color.BLUE);
    }

    private static Path draw(String name, Color colour) throws IOException {
        BufferedImage image = new BufferedImage(112, 112, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, 112, 112);
        graphics.setColor(colour);
        graphics.fillOval(36, 36, 40, 40);
        Path file = folder.resolve(name);
        ImageIO.write(image, name.substring(name.indexOf('.') + 1), file.toFile());
        return file;
    }

    private static String describe(Path image) {
        Run run =
                Run.of(
                        "generate",
                        "--model",
                        bundle,
                        "--chat",
                        "--prompt",
                        QUESTION,
                        "--image",
                        image,
                        "--temperature",
                        0);
        assertThat(run.code()).as(run.err()).isZero();
        return run.out().strip();
    }

    @Test
    void differentPicturesAreDescribedDifferently() {
        assertThat(describe(red)).isNotBlank().isNotEqualTo(describe(blue));
    }

    @Test
    void aPromptMayPlaceItsPicturesItself() {
        Run run =
                Run.of(
                        "generate",
                        "--model",
                        bundle,
                        "--prompt",
                        "a<start_of_image>b<start_of_image>",
                        "--image",
                        red,
                        "--image",
                        blue,
                        "--max-new-tokens",
                        1,
                        "--json");
        assertThat(run.code()).as(run.err()).isZero();
        JsonArray ids =
                JsonParser.parseString(run.out()).getAsJsonObject().getAsJsonArray("promptIds");
        assertThat(ids.size()).isGreaterThan(2 * 16);
    }

    @Test
    void whatDoesNotFitTogetherIsSaid() throws IOException {
        Run places = Run.of("generate", "--model", bundle, "--prompt", "what?", "--image", red);
        assertThat(places.code()).isEqualTo(1);
        assertThat(places.err()).contains("0 times, and 1 pictures").contains("chat message");
        assertThat(Run.of("generate", "--model", bundle, "--ids", "2", "--image", red).code())
                .isEqualTo(2);
        Path text = Files.writeString(folder.resolve("words.png"), "no picture");
        Run words =
                Run.of(
                        "generate",
                        "--model",
                        bundle,
                        "--chat",
                        "--prompt",
                        "what?",
                        "--image",
                        text);
        assertThat(words.code()).isEqualTo(1);
        assertThat(words.err()).contains("neither PNG, JPEG nor WebP").doesNotContain("\tat ");
    }

    /** What {@code /image} does: the second turn looks back at the first turn's picture. */
    @Test
    void aConversationSees() throws IOException {
        Console console =
                new Console(
                        new PrintWriter(System.err),
                        new PrintWriter(System.err),
                        new CommonOptions());
        try (LoadedModel loaded = LoadedModel.open(bundle, DecoderOptions.defaults(), console);
                PromptCache cache = new PromptCache(loaded.model(), 1 << 28)) {
            TextGenerator generator = new TextGenerator(loaded.model(), loaded.tokenizer(), cache);
            ModelAssistant assistant =
                    new ModelAssistant(
                            loaded,
                            generator,
                            ChatTemplate.open(loaded.folder()),
                            GenerationConfig.builder().temperature(0).maxNewTokens(64).build());
            Turn first = new Turn("user", QUESTION, List.of(red));
            Answer answer = assistant.answer(List.of(first), piece -> {}, new StopSignal());
            assertThat(answer.text()).isEqualTo(describe(red));
            Turn said = new Turn("assistant", answer.text(), List.of());
            Turn second = new Turn("user", QUESTION, List.of(blue));
            assertThat(
                            assistant
                                    .answer(
                                            List.of(first, said, second),
                                            piece -> {},
                                            new StopSignal())
                                    .text())
                    .isNotBlank();
        }
    }
}
