package io.djlnpu.translate;

import ai.djl.modality.Input;
import ai.djl.ndarray.BytesSupplier;
import ai.djl.util.Pair;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.engine.TextPipeline;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.Numbers;
import io.djlnpu.generate.Picture;
import io.djlnpu.generate.chat.Conversation;
import io.djlnpu.generate.chat.ToolOffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A request as a client of DJL Serving writes it: {@code {"inputs": "...", "parameters": {...},
 * "stream": false}}, OpenAI's {@code {"messages": [...], "max_tokens": 64}} or {@code {"prompt":
 * "..."}}, an array of messages, or plain text. A picture comes as a part of a message, or as
 * {@code image} or {@code image_url} beside the inputs, which are then what a user says below it. A
 * request may also be a picture's file alone, or a form with the same fields. Parameters may also
 * stand beside the inputs, or in {@code extra_body}.
 *
 * @param answers the answers, not begun
 * @param format how they are to be written
 * @param stream whether they are to be sent as they come
 * @param npuCost whether the answer says what it would have cost on the NPU
 * @param warnings what of the request had no effect
 */
record ServingRequest(
        List<TokenStream> answers,
        AnswerFormat format,
        boolean stream,
        boolean npuCost,
        Warnings warnings) {

    /** Any of these makes the parts of an input a form. */
    private static final Set<String> FORM_FIELDS = Set.of("inputs", "prompt", "text", "image");

    /**
     * Starts the answers to a request.
     *
     * @param cancelled asked again and again whether the client is gone
     * @throws IllegalArgumentException if it cannot be understood
     */
    static ServingRequest start(
            Body body,
            TextPipeline text,
            JsonObject arguments,
            String modelName,
            BooleanSupplier cancelled)
            throws IOException {
        JsonObject request = body.request();
        JsonObject extra = object(request, "extra_body");
        JsonObject parameters = object(request, "parameters");
        JsonObject all = GenerationParameters.merged(arguments, request, extra, parameters);
        List<String> faults = new ArrayList<>(body.faults());
        RequestFields.check(request, true, faults);
        RequestFields.check(extra, true, faults);
        RequestFields.check(parameters, false, faults);
        Warnings warnings = Warnings.of(faults, isTrue(all, "strict"));
        GenerationConfig.Builder builder = GenerationParameters.builder(text.folder(), all);
        boolean stream = isTrue(request, "stream");
        boolean npuCost = isTrue(all, "npu_cost");
        PictureReader reader = PictureReader.of(text, arguments);
        List<Picture> pictures = new ArrayList<>();
        JsonElement messages = messages(request);
        if (messages != null) {
            ToolOffer tools = ChatMessages.tools(request);
            if (!tools.isEmpty() && !all.has("skip_special_tokens")) {
                builder.skipSpecialTokens(false); // calls may stand between them
            }
            AnswerForm.ofCall(request, tools).ifPresent(builder::grammar);
            GenerationConfig config = builder.build();
            Conversation conversation =
                    ChatMessages.conversation(
                            all,
                            messages,
                            tools,
                            part -> pictures.add(reader.read(part, pictures)));
            return new ServingRequest(
                    text.completeAll(text.prompt(conversation), pictures, config, cancelled),
                    new ChatCompletionFormat(
                            modelName,
                            tools,
                            config.logProbs(),
                            isTrue(all, "echo") && conversation.continueFinalMessage()
                                    ? conversation.messages().getLast().text()
                                    : ""),
                    stream,
                    npuCost,
                    warnings);
        }
        boolean shown = PictureReader.holdsPicture(request);
        if (shown) {
            pictures.add(reader.read(request, pictures));
        }
        GenerationConfig config = builder.build();
        String said = said(request, shown ? reader.question() : null);
        return new ServingRequest(
                text.completeAll(shown ? text.below(1, said) : said, pictures, config, cancelled),
                new TextGenerationFormat(
                        said,
                        isTrue(all, "details"),
                        isTrue(all, "return_full_text") || isTrue(all, "echo"),
                        config.n()),
                stream,
                npuCost,
                warnings);
    }

    /** The conversation, wherever it stands; null for a request that is none. */
    private static JsonElement messages(JsonObject request) {
        if (request.has("messages") || !(request.get("inputs") instanceof JsonArray list)) {
            return request.get("messages");
        }
        for (JsonElement message : list) {
            if (!(message instanceof JsonObject object && object.has("role"))) {
                throw new IllegalArgumentException(
                        "'inputs' is a list of other things than messages with 'role'; send one text in a request");
            }
        }
        return list;
    }

    /** Writes the complete answers, and what they cost where that is asked for. */
    JsonElement whole(List<Answer> complete, NpuMetrics metrics) {
        JsonElement json = format.whole(complete);
        complete.forEach(answer -> metrics.add(answer.stream()));
        if (npuCost && json instanceof JsonObject object) {
            object.add("npu", NpuMetrics.json(complete));
        }
        warnings.addTo(json);
        return json;
    }

    /** Writes one token of a streamed answer; the first brings the warnings along. */
    JsonObject piece(Answers.Step step) {
        JsonObject json = format.piece(step);
        warnings.addTo(json);
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
    static Body parse(Input input) {
        if (input.getContent().isEmpty()) {
            throw new IllegalArgumentException("an empty request; send JSON with 'inputs'");
        }
        List<String> faults = new ArrayList<>();
        if (FORM_FIELDS.stream().anyMatch(input.getContent()::contains)) {
            return new Body(form(input, faults), faults);
        }
        String type = input.getProperty("Content-Type", "");
        if (type.startsWith("image/")) {
            return new Body(picture(input.getData().getAsBytes()), faults);
        }
        String body = input.getData().getAsString();
        JsonElement json =
                type.startsWith("text/plain") ? new JsonPrimitive(body) : json(body, faults);
        if (json instanceof JsonObject request) {
            return new Body(request, faults);
        }
        JsonObject request = new JsonObject();
        request.add("inputs", json);
        return new Body(request, faults);
    }

    /**
     * A request's JSON.
     *
     * @param faults what is wrong with its form
     */
    record Body(JsonObject request, List<String> faults) {}

    /** What begins like an object or a list of objects is JSON; any other text is itself. */
    private static JsonElement json(String text, List<String> faults) {
        int at = afterSpace(text, 0);
        boolean object = text.startsWith("{", at);
        boolean list = text.startsWith("[", at) && text.startsWith("{", afterSpace(text, at + 1));
        return object || list ? StrictJson.parse(text, faults) : new JsonPrimitive(text);
    }

    private static int afterSpace(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** A form, maybe with a picture's file in its field {@code image}; other fields are texts. */
    private static JsonObject form(Input input, List<String> faults) {
        JsonObject request =
                input.getContent().contains("image")
                        ? picture(input.getAsBytes("image"))
                        : new JsonObject();
        for (Pair<String, BytesSupplier> field : input.getContent()) {
            String name = field.getKey();
            if (name != null && !name.equals("image")) {
                String value = field.getValue().getAsString();
                request.add(
                        name,
                        FORM_FIELDS.contains(name)
                                ? new JsonPrimitive(value)
                                : json(value, faults));
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
                && !value.isJsonNull()
                && Numbers.truth("'%s'".formatted(name), value);
    }
}
