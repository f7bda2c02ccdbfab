package io.djlnpu.generate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.generate.GenerationConfig.Builder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/**
 * Reads Hugging Face's {@code generation_config.json}, with its meaning of absent keys; without
 * one, the {@code search} of onnxruntime-genai's {@code genai_config.json}.
 */
final class GenerationDefaults {

    private static final String FILE = "generation_config.json";
    private static final String GENAI_FILE = "genai_config.json";

    private GenerationDefaults() {}

    static Builder read(Path folder, Builder builder) throws IOException {
        Optional<JsonObject> json = JsonFiles.object(folder.resolve(FILE));
        Path file = folder.resolve(json.isPresent() ? FILE : GENAI_FILE);
        if (json.isEmpty()) {
            json =
                    JsonFiles.object(file)
                            .map(genai -> genai.get("search"))
                            .filter(JsonElement::isJsonObject)
                            .map(JsonElement::getAsJsonObject);
        }
        if (json.isEmpty()) {
            return builder;
        }
        try {
            apply(json.get(), builder);
            return builder;
        } catch (RuntimeException e) {
            throw new ModelFormatException(Code.MALFORMED, file + ": " + e.getMessage(), e);
        }
    }

    private static void apply(JsonObject json, Builder builder) {
        take(
                json,
                "max_new_tokens",
                value ->
                        builder.maxNewTokens(
                                Numbers.whole("max_new_tokens", value, 0, Integer.MAX_VALUE)));
        number(json, "repetition_penalty", builder::repetitionPenalty);
        number(json, "temperature", builder::temperature);
        take(
                json,
                "top_k",
                value -> builder.topK(Numbers.whole("top_k", value, 0, Integer.MAX_VALUE)));
        number(json, "top_p", builder::topP);
        number(json, "min_p", builder::minP);
        number(json, "typical_p", builder::typicalP);
        builder.sample(false); // unless it says otherwise; a request may
        take(json, "do_sample", value -> builder.sample(Numbers.truth("do_sample", value)));
    }

    private static void number(JsonObject json, String key, DoubleConsumer target) {
        take(json, key, value -> target.accept(Numbers.finite(key, value)));
    }

    private static void take(JsonObject json, String key, Consumer<JsonElement> target) {
        JsonElement value = json.get(key);
        if (value != null && !value.isJsonNull()) {
            target.accept(value);
        }
    }
}
