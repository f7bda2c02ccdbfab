package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.engine.EmbeddingPipeline;
import io.djlnpu.engine.EmbeddingPipeline.Options;
import io.djlnpu.engine.EmbeddingPipeline.Result;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A request for embeddings, in OpenAI's form {@code {"input": ..., "dimensions": 256,
 * "encoding_format": "base64"}} or in DJL Serving's {@code {"inputs": ...}}. The input is one text,
 * a list of texts, the token ids of one text, or a list of such lists; {@code prompt_kind} and
 * {@code truncate} may stand beside it.
 *
 * <p>OpenAI's form is answered with {@code {"object": "list", "data": [{"object": "embedding",
 * "index": 0, "embedding": ...}], "model": ..., "usage": ...}}, Serving's with the vector alone, or
 * the list of them.
 */
public final class EmbeddingRequest {

    private static final int MOST_TEXTS = 2048;

    private final List<int[]> texts;
    private final Options options;
    private final boolean single;
    private final boolean openAi;
    private final boolean base64;

    private EmbeddingRequest(
            List<int[]> texts, Options options, boolean single, boolean openAi, boolean base64) {
        this.texts = texts;
        this.options = options;
        this.single = single;
        this.openAi = openAi;
        this.base64 = base64;
    }

    /**
     * Reads a request.
     *
     * @param request the JSON
     * @param embeddings tokenizes texts
     * @param defaults what the request does not say
     * @return the request, checked
     * @throws IllegalArgumentException if it cannot be understood, or a text is too long
     * @throws IOException if the model's folder has no usable tokenizer
     */
    public static EmbeddingRequest read(
            JsonObject request, EmbeddingPipeline embeddings, Options defaults) throws IOException {
        boolean openAi = request.has("input");
        JsonElement input = openAi ? request.get("input") : request.get("inputs");
        Options options = options(request, defaults);
        boolean single =
                isText(input) || input instanceof JsonArray ids && !ids.isEmpty() && isIds(ids);
        List<int[]> texts = new ArrayList<>();
        if (single) {
            texts.add(tokens(input, embeddings, options));
        } else if (input instanceof JsonArray list && !list.isEmpty()) {
            if (list.size() > MOST_TEXTS) {
                throw new IllegalArgumentException(
                        "'input' has %d texts, expected %d at most; send them in several requests"
                                .formatted(list.size(), MOST_TEXTS));
            }
            for (JsonElement text : list) {
                texts.add(tokens(text, embeddings, options));
            }
        } else {
            throw new IllegalArgumentException(
                    "no 'input'; expected a text, a list of texts, or token ids");
        }
        return new EmbeddingRequest(texts, options, single, openAi, isBase64(request));
    }

    /** Reads how to embed from a request or from arguments, in snake or camel case. */
    static Options options(JsonObject values, Options defaults) {
        String kind = defaults.promptKind();
        for (String name : List.of("prompt_kind", "promptKind")) {
            if (isPresent(values, name)) {
                kind = text(values, name);
            }
        }
        return new Options(
                kind,
                isPresent(values, "dimensions")
                        ? dimensions(values.get("dimensions"))
                        : defaults.dimensions(),
                isPresent(values, "truncate")
                        ? truth(values.get("truncate"))
                        : defaults.truncate());
    }

    private static boolean isPresent(JsonObject values, String name) {
        return values.has(name) && !values.get(name).isJsonNull();
    }

    private static String text(JsonObject values, String name) {
        if (isText(values.get(name))) {
            return values.get(name).getAsString();
        }
        throw new IllegalArgumentException(
                "'" + name + "' is " + values.get(name) + ", expected a text");
    }

    private static int dimensions(JsonElement value) {
        try {
            int dimensions = new BigDecimal(value.getAsString()).intValueExact();
            if (dimensions >= 1) {
                return dimensions;
            }
        } catch (ArithmeticException
                | NumberFormatException
                | IllegalStateException
                | UnsupportedOperationException e) {
            // reported below
        }
        throw new IllegalArgumentException(
                "'dimensions' is " + value + ", expected a whole number from 1 on");
    }

    private static boolean truth(JsonElement value) {
        String text = value instanceof JsonPrimitive primitive ? primitive.getAsString() : "";
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "'truncate' is " + value + ", expected true or false");
        };
    }

    private static boolean isBase64(JsonObject request) {
        if (!isPresent(request, "encoding_format")) {
            return false;
        }
        String format = text(request, "encoding_format");
        return switch (format) {
            case "base64" -> true;
            case "float" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "'encoding_format' is '" + format + "', expected float or base64");
        };
    }

    private static boolean isText(JsonElement value) {
        return value instanceof JsonPrimitive primitive && primitive.isString();
    }

    private static boolean isIds(JsonArray list) {
        return list.asList().stream().allMatch(id -> id instanceof JsonPrimitive p && p.isNumber());
    }

    private static int[] tokens(JsonElement text, EmbeddingPipeline embeddings, Options options)
            throws IOException {
        if (isText(text)) {
            return embeddings.tokenize(text.getAsString(), options);
        }
        if (text instanceof JsonArray ids && !ids.isEmpty() && isIds(ids)) {
            int[] tokens = new int[ids.size()];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = id(ids.get(i));
            }
            return tokens;
        }
        throw new IllegalArgumentException(
                "'input' holds " + text + ", expected texts or lists of token ids");
    }

    private static int id(JsonElement value) {
        try {
            return value.getAsBigDecimal().intValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("'input' holds " + value + ", no token id", e);
        }
    }

    /**
     * Embeds the texts and writes the answer.
     *
     * @param embeddings the model
     * @param modelName what the answer calls the model
     * @return the JSON
     * @throws IllegalArgumentException if a text is too long, or the model has not so many numbers
     */
    public JsonElement answer(EmbeddingPipeline embeddings, String modelName) {
        Result result = embeddings.embedTokens(texts, options);
        JsonArray vectors = new JsonArray();
        result.vectors().forEach(vector -> vectors.add(vector(vector)));
        if (!openAi) {
            return single ? vectors.get(0) : vectors;
        }
        JsonArray data = new JsonArray();
        for (int i = 0; i < vectors.size(); i++) {
            JsonObject one = new JsonObject();
            one.addProperty("object", "embedding");
            one.addProperty("index", i);
            one.add("embedding", vectors.get(i));
            data.add(one);
        }
        JsonObject usage = new JsonObject();
        usage.addProperty("prompt_tokens", result.tokens());
        usage.addProperty("total_tokens", result.tokens());
        JsonObject answer = new JsonObject();
        answer.addProperty("object", "list");
        answer.add("data", data);
        answer.addProperty("model", modelName);
        answer.add("usage", usage);
        return answer;
    }

    /** Numbers, or the bytes of little-endian float32. */
    private JsonElement vector(float[] values) {
        if (base64) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return new JsonPrimitive(Base64.getEncoder().encodeToString(bytes.array()));
        }
        JsonArray numbers = new JsonArray(values.length);
        for (float value : values) {
            numbers.add(value);
        }
        return numbers;
    }
}
