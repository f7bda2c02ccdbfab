package io.djlnpu.translate;

import ai.djl.modality.Input;
import ai.djl.ndarray.BytesSupplier;
import ai.djl.util.Pair;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.djlnpu.engine.TextPipeline;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.Picture;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ToolOffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A request as a client of DJL Serving writes it: {@code {"inputs": "...", "parameters": {...},
 * "stream": false}}, OpenAI's {@code {"messages": [...], "max_tokens": 64}} or {@code {"prompt":
 * "..."}}, or plain text. A picture comes as a part of a message, or as {@code image} or {@code
 * image_url} beside the inputs, which are then what a user says below it. A request may also be a
 * picture's file alone, or a form with a field {@code image}. Parameters may also stand beside the
 * inputs, or in {@code extra_body}.
 *
 * @param answers the answers, not begun
 * @param format how they are to be written
 * @param stream whether they are to be sent as they come
 * @param npuCost whether the answer says what it would have cost on the NPU
 */
record ServingRequest(
        List<TokenStream> answers, AnswerFormat format, boolean stream, boolean npuCost) {

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
        boolean npuCost = isTrue(request, "npu_cost") || isTrue(parameters, "npu_cost");
        PictureReader reader = PictureReader.of(text, arguments);
        List<Picture> pictures = new ArrayList<>();
        JsonElement messages = request.get("messages");
        if (messages == null && request.get("inputs") instanceof JsonArray list) {
            messages = list;
        }
        if (messages != null) {
            ToolOffer tools = ChatMessages.tools(request);
            AnswerForm.ofCall(request, tools).ifPresent(builder::grammar);
            GenerationConfig config = builder.build();
            List<ChatMessage> conversation =
                    tools.announce(
                            ChatMessages.read(messages, part -> pictures.add(reader.read(part))));
            return new ServingRequest(
                    text.completeAll(text.prompt(conversation), pictures, config),
                    new ChatCompletionFormat(modelName, tools, config.logProbs()),
                    stream,
                    npuCost);
        }
        boolean shown = PictureReader.holdsPicture(request);
        if (shown) {
            pictures.add(reader.read(request));
        }
        GenerationConfig config = builder.build();
        String said = said(request, shown ? reader.question() : null);
        return new ServingRequest(
                text.completeAll(shown ? text.below(1, said) : said, pictures, config),
                new TextGenerationFormat(
                        said,
                        isTrue(parameters, "details"),
                        isTrue(parameters, "return_full_text"),
                        config.n()),
                stream,
                npuCost);
    }

    /** Writes the complete answers, and what they cost where that is asked for. */
    JsonElement whole(List<Answer> complete, NpuMetrics metrics) {
        JsonElement json = format.whole(complete);
        complete.forEach(answer -> metrics.add(answer.stream()));
        if (npuCost && json instanceof JsonObject object) {
            object.add("npu", NpuMetrics.json(complete));
        }
        return json;
    }

    /** Beside a picture, the words may also stand in {@code text}, or be missing. */
    private static String said(JsonObject request, String question) {
        for (String name : List.of("inputs", "prompt", "text")) {
            boolean usual = !name.equals("text") || question != null;
            if (usual && request.get(name) instanceof JsonPrimitive said) {
                return said.getAsString();
            }
        }
        if (question == null) {
            throw new IllegalArgumentException(
                    "no 'inputs', 'prompt' or 'messages' in the request");
        }
        return question;
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
        if (input.getContent().contains("image")) {
            return form(input);
        }
        if (input.getProperty("Content-Type", "").startsWith("image/")) {
            return picture(input.getData().getAsBytes());
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

    /** A form with a picture's file in its field {@code image}. */
    private static JsonObject form(Input input) {
        JsonObject request = picture(input.getAsBytes("image"));
        for (Pair<String, BytesSupplier> field : input.getContent()) {
            if (field.getKey() != null && !field.getKey().equals("image")) {
                request.addProperty(field.getKey(), field.getValue().getAsString());
            }
        }
        return request;
    }

    private static JsonObject picture(byte[] file) {
        JsonObject request = new JsonObject();
        request.addProperty("image", "data:;base64," + Base64.getEncoder().encodeToString(file));
        return request;
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
