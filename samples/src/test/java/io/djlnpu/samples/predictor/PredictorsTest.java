package io.djlnpu.samples.predictor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorsTest {

    private static final String PROMPT = "Once upon a time";

    private static Path model;

    @BeforeAll
    static void findModel() throws Exception {
        model = Path.of(PredictorsTest.class.getResource("/storyteller/model.onnx").toURI());
    }

    @Test
    void aProgramSaysWhatItIsStartedWith() {
        assertThatThrownBy(() -> PictureQuestion.main(new String[] {"model"}))
                .hasMessage("1 arguments, expected MODEL PICTURE QUESTION");
        assertThatThrownBy(() -> ChatConversation.main(new String[0]))
                .hasMessageContaining("MODEL");
    }

    @Test
    void theStreamIsTheWholeAnswer() throws Exception {
        StringBuilder streamed = new StringBuilder();
        StreamingText.complete(model, PROMPT, streamed::append);
        assertThat(streamed.toString()).isNotBlank().isEqualTo(OneShotText.complete(model, PROMPT));
    }

    @Test
    void aConversationGoesOn() throws Exception {
        try (ChatConversation conversation = new ChatConversation(model)) {
            assertThat(conversation.say("Tell me a story.")).isNotBlank();
            assertThat(conversation.say("And then?")).isNotBlank();
        }
    }

    @Test
    void aPictureIsDescribed(@TempDir Path folder) throws Exception {
        BufferedImage drawn = new BufferedImage(90, 70, BufferedImage.TYPE_INT_RGB);
        drawn.createGraphics().fillOval(20, 10, 40, 40);
        Path picture = folder.resolve("drawn.png");
        ImageIO.write(drawn, "png", picture.toFile());
        Path sees = model.getParent();
        String described = PictureDescription.describe(sees, picture);
        StringBuilder streamed = new StringBuilder();
        PictureQuestion.ask(sees, picture, "Describe the picture.", streamed::append);
        assertThat(streamed.toString()).isNotBlank().isEqualTo(described);
    }
}
