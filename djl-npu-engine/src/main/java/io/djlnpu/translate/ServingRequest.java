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
import io.djlnpu.generate.chat.ToolOffer;
import java.io.IOException;
import java.util.List;

/**
 * A request as a client of DJL Serving writes it: {@code {"inputs": "...", "parameters": {...},
 * "stream": false}}, OpenAI's {@code {"messages": [...], "max_tokens": 64}} or {@code {"prompt":
 * "..."}}, or plain text. Parameters may also stand beside the inputs, or in {@code extra_body}.
 *
 * @param answers the answers, not begun
 * @param format how they are to be written
 * @param stream whether they are to be sent as they come
 */
record ServingRequest(List<TokenStream> answers, AnswerFormat format, boolean stream) {

    /**
     * Starts the answers to a request.
     *
     * @throws IllegalArgumentException if it cannot be understood
     */
    static ServingRequest start(
            JsonObject request, TextPipeline text, JsonObject arguments, String modelName)
            throws IOException {
        JsonObject parameters = object(request, "parameters");
        GenerationConfig.Builder builder =
                GenerationParameters.builder(
                        text.folder(),
                        arguments,
                        request,
                        object(request, "extra_body"),
                        parameters);
        boolean stream = isTrue(request, "stream");
        JsonElement messages = request.get("messages");
        if (messages == null && request.get("inputs") instanceof JsonArray list) {
            messages = list;
        }
        if (messages != null) {
            ToolOffer tools = ChatMessages.tools(request);
            AnswerForm.ofCall(request, tools).ifPresent(builder::grammar);
            GenerationConfig config = builder.build();
            List<ChatMessage> conversation = tools.announce(ChatMessages.read(messages));
            return new ServingRequest(
                    text.completeAll(text.prompt(conversation), config),
                    new ChatCompletionFormat(modelName, tools, config.logProbs()),
                    stream);
        }
        JsonElement prompt = request.has("inputs") ? request.get("inputs") : request.get("prompt");
        if (prompt == null || !prompt.isJsonPrimitive()) {
            throw new IllegalArgumentException(
                    "no 'inputs', 'prompt' or 'messages' in the request");
        }
        GenerationConfig config = builder.build();
        return new ServingRequest(
                text.completeAll(prompt.getAsString(), config),
                new TextGenerationFormat(
                        prompt.getAsString(),
                        isTrue(parameters, "details"),
                        isTrue(parameters, "return_full_text"),
                        config.n()),
                stream);
    }

    /**
     * Reads what a client sent.
     *
     * @throws IllegalArgumentException if it is no JSON
     */
    static JsonObject parse(Input input) {
        if (input.getContent().isEmpty()) {
            throw new IllegalArgumentException("an empty request; send JSON with 'inputs'");
        }
        String body = input.getData().getAsString();
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

    private static JsonObject object(JsonObject json, String name) {
        return json.get(name) instanceof JsonObject object ? object : new JsonObject();
    }

    private static boolean isTrue(JsonObject json, String name) {
        return json.get(name) instanceof JsonElement value
                && value.isJsonPrimitive()
                && value.getAsBoolean();
    }
}
