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

/** Reads Hugging Face's {@code generation_config.json}, with its meaning of absent keys. */
final class GenerationDefaults {

    private static final String FILE = "generation_config.json";

    private GenerationDefaults() {}

    static Builder read(Path folder, Builder builder) throws IOException {
        Optional<JsonObject> json = JsonFiles.object(folder.resolve(FILE));
        if (json.isEmpty()) {
            return builder;
        }
        try {
            apply(json.get(), builder);
            return builder;
        } catch (RuntimeException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, folder.resolve(FILE) + ": " + e.getMessage(), e);
        }
    }

    private static void apply(JsonObject json, Builder builder) {
        take(json, "max_new_tokens", value -> builder.maxNewTokens(value.getAsInt()));
        take(json, "repetition_penalty", value -> builder.repetitionPenalty(value.getAsDouble()));
        take(json, "temperature", value -> builder.temperature(value.getAsDouble()));
        take(json, "top_k", value -> builder.topK(value.getAsInt()));
        take(json, "top_p", value -> builder.topP(value.getAsDouble()));
        take(json, "min_p", value -> builder.minP(value.getAsDouble()));
        take(json, "typical_p", value -> builder.typicalP(value.getAsDouble()));
        builder.sample(false); // unless it says otherwise; a request may
        take(json, "do_sample", value -> builder.sample(value.getAsBoolean()));
    }

    private static void take(JsonObject json, String key, Consumer<JsonElement> target) {
        JsonElement value = json.get(key);
        if (value != null && !value.isJsonNull()) {
            target.accept(value);
        }
    }
}
