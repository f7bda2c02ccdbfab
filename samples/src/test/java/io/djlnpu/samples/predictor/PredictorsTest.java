package io.djlnpu.samples.predictor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PredictorsTest {

    private static final String PROMPT = "Once upon a time";

    private static Path model;

    @BeforeAll
    static void findModel() throws Exception {
        model = Path.of(PredictorsTest.class.getResource("/storyteller/model.onnx").toURI());
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
}
