package io.djlnpu.translate;

import ai.djl.modality.Input;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.djlnpu.engine.TextPipeline;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.chat.ChatMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A request as a client of DJL Serving writes it: {@code {"inputs": "...", "parameters": {...},
 * "stream": false}}, OpenAI's {@code {"messages": [...], "max_tokens": 64}} or {@code {"prompt":
 * "..."}}, or plain text.
 *
 * @param answer the answer, not begun
 * @param format how it is to be written
 * @param stream whether it is to be sent as it comes
 */
record ServingRequest(TokenStream answer, AnswerFormat format, boolean stream) {

    /**
     * Reads a request and starts its answer.
     *
     * @throws IllegalArgumentException if it cannot be understood
     */
    static ServingRequest start(
            Input input, TextPipeline text, JsonObject arguments, String modelName)
            throws IOException {
        if (input.getContent().isEmpty()) {
            throw new IllegalArgumentException("an empty request; send JSON with 'inputs'");
        }
        JsonObject request = parse(input.getData().getAsString());
        JsonObject parameters =
                request.get("parameters") instanceof JsonObject object ? object : new JsonObject();
        GenerationConfig config =
                GenerationParameters.read(text.folder(), arguments, request, parameters);
        boolean stream = isTrue(request, "stream");
        JsonElement messages = request.get("messages");
        if (messages == null && request.get("inputs") instanceof JsonArray list) {
            messages = list;
        }
        if (messages != null) {
            return new ServingRequest(
                    text.chat(messages(messages), config),
                    new ChatCompletionFormat(modelName),
                    stream);
        }
        JsonElement prompt = request.has("inputs") ? request.get("inputs") : request.get("prompt");
        if (prompt == null || !prompt.isJsonPrimitive()) {
            throw new IllegalArgumentException(
                    "no 'inputs', 'prompt' or 'messages' in the request");
        }
        return new ServingRequest(
                text.complete(prompt.getAsString(), config),
                new TextGenerationFormat(
                        prompt.getAsString(),
                        isTrue(parameters, "details"),
                        isTrue(parameters, "return_full_text")),
                stream);
    }

    private static JsonObject parse(String body) {
        if (!body.stripLeading().startsWith("{")) {
            JsonObject request = new JsonObject();
            request.addProperty("inputs", body);
            return request;
        }
        try {
            return JsonParser.parseString(body).getAsJsonObject();
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
        }
    }

    private static boolean isTrue(JsonObject json, String name) {
        return json.get(name) instanceof JsonElement value
                && value.isJsonPrimitive()
                && value.getAsBoolean();
    }

    private static List<ChatMessage> messages(JsonElement list) {
        List<ChatMessage> messages = new ArrayList<>();
        try {
            for (JsonElement element : list.getAsJsonArray()) {
                JsonObject message = element.getAsJsonObject();
                messages.add(
                        ChatMessage.of(
                                message.get("role").getAsString(), words(message.get("content"))));
            }
        } catch (IllegalStateException | NullPointerException e) {
            throw new IllegalArgumentException(
                    "'messages' is not a list of objects with 'role' and 'content'", e);
        }
        return messages;
    }

    private static String words(JsonElement content) {
        if (content.isJsonPrimitive()) {
            return content.getAsString();
        }
        StringBuilder words = new StringBuilder();
        for (JsonElement part : content.getAsJsonArray()) {
            JsonElement text = part.getAsJsonObject().get("text");
            if (text == null) {
                throw new IllegalArgumentException("a message part without text: " + part);
            }
            words.append(text.getAsString());
        }
        return words.toString();
    }
}
