package io.djlnpu.translate;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.GenerationConfig.Builder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads how to generate from what apps write: arguments of {@code Criteria}, the {@code parameters}
 * of DJL Serving's JSON, or the top level of an OpenAI request. Names in snake or camel case; the
 * model's own {@code generation_config.json} comes first.
 */
final class GenerationParameters {

    private final JsonObject values;

    private GenerationParameters(JsonObject values) {
        this.values = values;
    }

    /** What {@code Criteria} was given: texts, numbers, lists, arrays, maps. */
    static JsonObject ofArguments(Map<String, ?> arguments) {
        JsonObject values = new JsonObject();
        arguments.forEach(
                (name, value) -> {
                    if (value instanceof Number
                            || value instanceof Boolean
                            || value instanceof Collection
                            || value instanceof Map
                            || value instanceof JsonElement
                            || value != null && value.getClass().isArray()) {
                        values.add(name, JsonUtils.GSON.toJsonTree(value));
                    } else if (value != null) {
                        values.addProperty(name, value.toString());
                    }
                });
        return values;
    }

    /**
     * Reads the configuration.
     *
     * @param folder the model's folder
     * @param sources later ones win
     */
    static GenerationConfig read(Path folder, JsonObject... sources) throws IOException {
        return builder(folder, sources).build();
    }

    /** As {@link #read}, for callers who add to it. */
    static Builder builder(Path folder, JsonObject... sources) throws IOException {
        Builder builder = GenerationConfig.builder().defaultsOf(folder);
        return new GenerationParameters(merged(sources)).apply(builder);
    }

    /** All that was written, by the names that are used here; later sources win. */
    static JsonObject merged(JsonObject... sources) {
        JsonObject all = new JsonObject();
        for (JsonObject source : sources) {
            source.entrySet().forEach(entry -> all.add(name(entry.getKey()), entry.getValue()));
        }
        return all;
    }

    /** One name for what is written in several ways, so that the later source wins. */
    private static String name(String written) {
        String snake = written.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
        return switch (snake) {
            case "max_tokens", "max_completion_tokens" -> "max_new_tokens";
            case "stop" -> "stop_sequences";
            case "num_return_sequences" -> "n";
            case "grammar" -> "response_format";
            case "log_probs" -> "logprobs";
            case "top_n_tokens", "top_log_probs" -> "top_logprobs";
            default -> snake;
        };
    }

    private Builder apply(Builder builder) {
        take("max_new_tokens", value -> builder.maxNewTokens(whole(value)));
        take("temperature", value -> builder.temperature(value.getAsDouble()));
        take("do_sample", value -> builder.sample(value.getAsBoolean()));
        take("top_k", value -> builder.topK(Math.max(0, whole(value))));
        take("top_p", value -> builder.topP(value.getAsDouble()));
        take("min_p", value -> builder.minP(value.getAsDouble()));
        take("typical_p", value -> builder.typicalP(value.getAsDouble()));
        take("repetition_penalty", value -> builder.repetitionPenalty(value.getAsDouble()));
        take("frequency_penalty", value -> builder.frequencyPenalty(value.getAsDouble()));
        take("presence_penalty", value -> builder.presencePenalty(value.getAsDouble()));
        take("logit_bias", value -> builder.logitBias(biases(value)));
        take("seed", value -> builder.seed(value.getAsBigDecimal().longValueExact()));
        take("stop_sequences", value -> builder.stop(texts(value)));
        take("ignore_eos", value -> builder.ignoreEos(value.getAsBoolean()));
        take("skip_special_tokens", value -> builder.skipSpecialTokens(value.getAsBoolean()));
        take("details", value -> builder.logProbs(value.getAsBoolean()));
        take("logprobs", value -> logProbs(builder, value.getAsJsonPrimitive()));
        take("top_logprobs", value -> builder.topLogProbs(whole(value)));
        take(
                "response_format",
                value -> AnswerForm.read(parsed(value)).ifPresent(builder::grammar));
        take("n", value -> builder.n(whole(value)));
        return builder;
    }

    private void take(String name, Consumer<JsonElement> target) {
        JsonElement value = values.get(name);
        if (value == null || value.isJsonNull()) {
            return;
        }
        try {
            target.accept(value);
        } catch (UnsupportedOperationException
                | IllegalStateException
                | ArithmeticException
                | NumberFormatException
                | JsonParseException e) {
            throw new IllegalArgumentException(
                    "parameter '%s': %s is not of its type".formatted(name, value), e);
        }
    }

    /** Truth in a chat, a number of likeliest tokens elsewhere. */
    private static void logProbs(Builder builder, JsonPrimitive value) {
        boolean counted = value.isNumber();
        builder.logProbs(counted || value.getAsBoolean());
        if (counted) {
            builder.topLogProbs(whole(value));
        }
    }

    /** A number without a fraction that an int holds. */
    private static int whole(JsonElement value) {
        return value.getAsBigDecimal().intValueExact();
    }

    /** An object may also come as the text of it: arguments and properties are often texts. */
    private static JsonElement parsed(JsonElement value) {
        boolean written =
                value.isJsonPrimitive() && value.getAsString().stripLeading().startsWith("{");
        return written ? JsonParser.parseString(value.getAsString()) : value;
    }

    private static List<String> texts(JsonElement value) {
        if (value.isJsonPrimitive()) {
            return List.of(value.getAsString());
        }
        List<String> texts = new ArrayList<>();
        value.getAsJsonArray().forEach(text -> texts.add(text.getAsString()));
        return texts;
    }

    private static Map<Integer, Float> biases(JsonElement value) {
        Map<Integer, Float> biases = new HashMap<>();
        parsed(value)
                .getAsJsonObject()
                .entrySet()
                .forEach(e -> biases.put(Integer.valueOf(e.getKey()), e.getValue().getAsFloat()));
        return biases;
    }
}
