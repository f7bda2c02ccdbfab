package io.djlnpu.samples.predictor;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;

/** A conversation with OpenAI's messages, the way DJL Serving passes them to an engine. */
public final class ChatConversation implements AutoCloseable {

    private final ZooModel<Input, Output> model;
    private final Predictor<Input, Output> predictor;
    private final List<Map<String, String>> messages = new ArrayList<>();

    /**
     * Loads a model.
     *
     * @param path ONNX model folder, {@code .onnx} file, or bundle
     * @throws Exception if the model cannot be loaded
     */
    public ChatConversation(Path path) throws Exception {
        model =
                Criteria.builder()
                        .setTypes(Input.class, Output.class)
                        .optModelPath(path)
                        .optEngine("NPU")
                        .optArgument(
                                "translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory")
                        .build()
                        .loadModel();
        predictor = model.newPredictor();
    }

    /**
     * Says something and waits for the answer.
     *
     * @param message what the user says
     * @return what the model says
     * @throws Exception if the model cannot be run
     */
    public String say(String message) throws Exception {
        messages.add(Map.of("role", "user", "content", message));
        Input input = new Input();
        input.addProperty("Content-Type", "application/json");
        input.add(JsonUtils.GSON.toJson(Map.of("messages", messages, "max_tokens", 64)));
        String json = predictor.predict(input).getAsString(0);
        String answer =
                JsonUtils.GSON
                        .fromJson(json, JsonObject.class)
                        .getAsJsonArray("choices")
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonObject("message")
                        .get("content")
                        .getAsString();
        messages.add(Map.of("role", "assistant", "content", answer));
        return answer;
    }

    @Override
    public void close() {
        predictor.close();
        model.close();
    }

    /**
     * Runs the sample: one message a line.
     *
     * @param args model
     * @throws Exception if the model cannot be loaded or run
     */
    public static void main(String[] args) throws Exception {
        Arguments.require(args, "MODEL");
        try (ChatConversation conversation = new ChatConversation(Path.of(args[0]));
                Scanner lines = new Scanner(System.in)) {
            while (lines.hasNextLine()) {
                System.out.println(conversation.say(lines.nextLine()));
            }
        }
    }
}
