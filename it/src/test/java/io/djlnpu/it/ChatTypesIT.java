package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import com.google.gson.JsonObject;
import io.djlnpu.it.ChatTypes.ChatInput;
import io.djlnpu.it.ChatTypes.ChatOutput;
import io.djlnpu.it.ChatTypes.FlatChatOutput;
import io.djlnpu.it.ChatTypes.GenerationInput;
import io.djlnpu.it.ChatTypes.GenerationOutput;
import io.djlnpu.it.ChatTypes.LogProb;
import io.djlnpu.it.ChatTypes.Message;
import io.djlnpu.it.ChatTypes.StreamChatOutput;
import io.djlnpu.it.ChatTypes.Tool;
import io.djlnpu.it.ChatTypes.ToolCall;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chat objects in, chat objects out, by way of their JSON. */
class ChatTypesIT {

    @TempDir static Path cache;
    private static String expected;

    @BeforeAll
    static void askInJson() throws Exception {
        try (ServingModel model = new ServingModel(cache)) {
            JsonObject answer =
                    model.ask(
                                    "{'messages': [{'role': 'user', 'content': 'Tell me a story.'}],"
                                            + " 'max_tokens': 12}")
                            .getAsJsonObject();
            expected =
                    answer.getAsJsonArray("choices")
                            .get(0)
                            .getAsJsonObject()
                            .getAsJsonObject("message")
                            .get("content")
                            .getAsString();
        }
    }

    @BeforeEach
    void useCache() {
        System.setProperty("DJL_CACHE_DIR", cache.toString());
    }

    @AfterEach
    void leaveCache() {
        System.clearProperty("DJL_CACHE_DIR");
    }

    private static ChatInput story() {
        ChatInput input = new ChatInput();
        input.messages = List.of(new Message("user", "Tell me a story."));
        input.maxCompletionTokens = 12;
        return input;
    }

    private static <I, O> O predict(Class<O> output, I input) throws Exception {
        @SuppressWarnings("unchecked")
        Class<I> type = (Class<I>) input.getClass();
        try (ZooModel<I, O> model = ServingModel.criteria(type, output).loadModel();
                Predictor<I, O> predictor = model.newPredictor()) {
            return predictor.predict(input);
        }
    }

    @Test
    void answersWhole() throws Exception {
        ChatInput input = story();
        input.logprobs = true;
        input.topLogprobs = 2;
        ChatOutput output = predict(ChatOutput.class, input);
        assertThat(output.choices.getFirst().message.content).isEqualTo(expected);
        assertThat(output.choices.getFirst().finishReason).isEqualTo("length");
        assertThat(output.usage).containsEntry("completion_tokens", 12);
        List<LogProb> tokens = output.choices.getFirst().logprobs.content;
        assertThat(tokens).hasSize(12).allMatch(token -> token.topLogprobs.size() == 2);
        assertThat(predict(FlatChatOutput.class, input).choices.getFirst().logprobs).hasSize(12);
    }

    @Test
    void answersPieceByPiece() throws Exception {
        ChatInput input = story();
        input.stream = true;
        try (ZooModel<ChatInput, StreamChatOutput> model =
                        ServingModel.criteria(ChatInput.class, StreamChatOutput.class).loadModel();
                Predictor<ChatInput, StreamChatOutput> predictor = model.newPredictor()) {
            StringBuilder text = new StringBuilder();
            int pieces = 0;
            for (ChatOutput piece : predictor.predict(input)) {
                text.append(piece.choices.getFirst().delta.content);
                pieces++;
            }
            assertThat(text.toString()).isEqualTo(expected);
            assertThat(pieces).isEqualTo(12);
            ChatOutput first =
                    predictor.streamingPredict(input).getIterativeOutput().iterator().next();
            assertThat(expected).startsWith((String) first.choices.getFirst().delta.content);
        }
    }

    @Test
    void givesSeveralChoicesAndTakesExtras() throws Exception {
        ChatInput input = story();
        input.n = 2;
        input.seed = 4;
        input.temperature = 1.5f;
        assertThat(predict(ChatOutput.class, input).choices)
                .extracting(choice -> choice.message.content)
                .doesNotHaveDuplicates()
                .hasSize(2);
        input = story();
        input.extraBody = Map.of("stop", expected.substring(5, 8));
        assertThat(predict(ChatOutput.class, input).choices.getFirst().message.content)
                .isEqualTo(expected.substring(0, expected.indexOf(expected.substring(5, 8))));
    }

    @Test
    void answersTextGenerationsTypes() throws Exception {
        GenerationInput input = new GenerationInput();
        input.inputs = "Once upon a time";
        input.parameters = Map.of("max_new_tokens", 8, "details", true);
        GenerationOutput[] outputs = predict(GenerationOutput[].class, input);
        assertThat(outputs).hasSize(1);
        assertThat(outputs[0].generatedText).isNotBlank();
        assertThat(outputs[0].details).containsEntry("generated_tokens", 8.0);
        GenerationOutput output = predict(GenerationOutput.class, input);
        assertThat(output.generatedText).isEqualTo(outputs[0].generatedText);
    }

    @Test
    void offersFunctionsWithoutDisturbingAnAnswerInWords() throws Exception {
        ChatInput input = story();
        Tool tool = new Tool();
        tool.function = Map.of("name", "weather", "parameters", Map.of("type", "object"));
        input.tools = List.of(tool);
        ChatOutput output = predict(ChatOutput.class, input);
        Message message = output.choices.getFirst().message;
        assertThat(message.toolCalls == null).isEqualTo(message.content != null);
    }

    @Test
    void anInsistedCallArrivesInTheirTypes() throws Exception {
        ChatInput input = story();
        input.maxCompletionTokens = 60;
        Tool tool = new Tool();
        tool.function =
                Map.of(
                        "name",
                        "weather",
                        "parameters",
                        Map.of(
                                "type",
                                "object",
                                "properties",
                                Map.of("city", Map.of("enum", List.of("Bonn", "Kiel"))),
                                "required",
                                List.of("city")));
        input.tools = List.of(tool);
        input.toolChoice = "required";
        ChatOutput output = predict(ChatOutput.class, input);
        assertThat(output.choices.getFirst().finishReason).isEqualTo("tool_calls");
        ToolCall call = output.choices.getFirst().message.toolCalls.getFirst();
        assertThat(call.type).isEqualTo("function");
        assertThat(call.id).isNotBlank();
        assertThat(call.function).containsEntry("name", "weather");
        assertThat(call.function.get("arguments")).contains("city").containsAnyOf("Bonn", "Kiel");
    }

    @Test
    void saysWhatARequestLacks() throws Exception {
        assertThatThrownBy(() -> predict(ChatOutput.class, new ChatInput()))
                .isInstanceOf(TranslateException.class)
                .hasMessageContaining("'messages'");
        assertThatThrownBy(
                        () -> ServingModel.criteria(Input.class, Integer.class).loadModel().close())
                .isInstanceOf(ai.djl.repository.zoo.ModelNotFoundException.class);
    }
}
