package io.djlnpu.translate;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.GenerationConfig.Builder;
import io.djlnpu.generate.Numbers;
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

    private static final String LOGIT_BIAS = "parameter 'logit_bias':";
    private static final double LIKELIEST = 1e-9;
    private static final int MOST_STOPS = 256;
    private static final int LONGEST_STOPS = 1 << 16;
    private static final int MOST_SHOWN = 80;

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
    static String name(String written) {
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
        take("max_new_tokens", value -> builder.maxNewTokens(length(value)));
        take("temperature", value -> builder.temperature(finite("temperature", value)));
        take("do_sample", value -> builder.sample(truth("do_sample", value)));
        take("top_k", value -> builder.topK(Math.max(0, whole("top_k", value, -1))));
        take("top_p", value -> builder.topP(topP(value)));
        take("min_p", value -> builder.minP(finite("min_p", value)));
        take("typical_p", value -> builder.typicalP(finite("typical_p", value)));
        take(
                "repetition_penalty",
                value -> builder.repetitionPenalty(finite("repetition_penalty", value)));
        take(
                "frequency_penalty",
                value -> builder.frequencyPenalty(finite("frequency_penalty", value)));
        take(
                "presence_penalty",
                value -> builder.presencePenalty(finite("presence_penalty", value)));
        take("logit_bias", value -> builder.logitBias(biases(value)));
        take("seed", value -> builder.seed(seed(value)));
        take("stop_sequences", value -> builder.stop(texts(value)));
        take("ignore_eos", value -> builder.ignoreEos(truth("ignore_eos", value)));
        take(
                "skip_special_tokens",
                value -> builder.skipSpecialTokens(truth("skip_special_tokens", value)));
        take("details", value -> builder.logProbs(truth("details", value)));
        take("logprobs", value -> logProbs(builder, value.getAsJsonPrimitive()));
        take("top_logprobs", value -> builder.topLogProbs(whole("top_logprobs", value, 0)));
        take(
                "response_format",
                value -> AnswerForm.read(parsed(value)).ifPresent(builder::grammar));
        for (String kind : List.of("json", "regex", "choice", "grammar")) {
            take(
                    "guided_" + kind,
                    value -> builder.grammar(AnswerForm.guided(kind, parsed(value))));
        }
        take("structured_outputs", value -> builder.grammar(AnswerForm.structured(parsed(value))));
        take("format", value -> AnswerForm.format(parsed(value)).ifPresent(builder::grammar));
        take("n", value -> builder.n(whole("n", value, 1)));
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
                    "parameter '%s': %s is not of its type".formatted(name, shown(value)), e);
        }
    }

    private static String shown(JsonElement value) {
        String text = value.toString();
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
    }

    private static String named(String name) {
        return "parameter '%s':".formatted(name);
    }

    private static int whole(String name, JsonElement value, int least) {
        return Numbers.whole(named(name), value, least, Integer.MAX_VALUE);
    }

    private static double finite(String name, JsonElement value) {
        return Numbers.finite(named(name), value);
    }

    private static boolean truth(String name, JsonElement value) {
        return Numbers.truth(named(name), value);
    }

    private static long seed(JsonElement value) {
        return Numbers.whole(named("seed"), value, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** Minus one is as long as the context allows, as in llama.cpp and Ollama. */
    private static int length(JsonElement value) {
        int length = whole("max_new_tokens", value, -1);
        return length == -1 ? Integer.MAX_VALUE : length;
    }

    /** Nothing of the probability is the likeliest token alone, as everywhere. */
    private static double topP(JsonElement value) {
        double share = finite("top_p", value);
        return share == 0 ? LIKELIEST : share;
    }

    /** Truth in a chat, a number of likeliest tokens elsewhere. */
    private static void logProbs(Builder builder, JsonPrimitive value) {
        if (value.isNumber()) {
            builder.logProbs(true);
            builder.topLogProbs(whole("logprobs", value, 0));
        } else {
            builder.logProbs(truth("logprobs", value));
        }
    }

    /** An object may also come as the text of it: arguments and properties are often texts. */
    private static JsonElement parsed(JsonElement value) {
        boolean written =
                value.isJsonPrimitive() && value.getAsString().stripLeading().startsWith("{");
        return written ? JsonParser.parseString(value.getAsString()) : value;
    }

    /** An empty one would end every answer before it begins; other servers leave it out as well. */
    private static List<String> texts(JsonElement value) {
        JsonArray list = new JsonArray();
        if (value.isJsonArray()) {
            list = value.getAsJsonArray();
        } else {
            list.add(value);
        }
        List<String> texts = new ArrayList<>();
        long length = 0;
        for (JsonElement text : list) {
            String stop = text.getAsString();
            length += stop.length();
            if (!stop.isEmpty()) {
                texts.add(stop);
            }
        }
        if (texts.size() > MOST_STOPS || length > LONGEST_STOPS) {
            throw new IllegalArgumentException(
                    "parameter 'stop': %d texts of %d characters, expected at most %d of %d"
                            .formatted(texts.size(), length, MOST_STOPS, LONGEST_STOPS));
        }
        return texts;
    }

    private static Map<Integer, Float> biases(JsonElement value) {
        Map<Integer, Float> biases = new HashMap<>();
        for (Map.Entry<String, JsonElement> bias : parsed(value).getAsJsonObject().entrySet()) {
            int token = Numbers.whole(LOGIT_BIAS + " token", bias.getKey(), 0, Integer.MAX_VALUE);
            double added = Numbers.finite(LOGIT_BIAS, bias.getValue());
            biases.put(token, (float) Math.clamp(added, -Float.MAX_VALUE, Float.MAX_VALUE));
        }
        return biases;
    }
}
