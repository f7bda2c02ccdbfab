package io.djlnpu.generate.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.generate.JsonFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The special tokens that a template sees by name, from {@code tokenizer_config.json} and, for what
 * that does not name, {@code special_tokens_map.json}.
 */
final class SpecialTokens {

    private static final List<String> FILES =
            List.of("tokenizer_config.json", "special_tokens_map.json");
    private static final List<String> NAMES =
            List.of(
                    "bos_token",
                    "eos_token",
                    "unk_token",
                    "sep_token",
                    "pad_token",
                    "cls_token",
                    "mask_token");

    private SpecialTokens() {}

    /** What Gemma's tokenizer names when its files are not there. */
    static JsonObject gemma() {
        JsonObject tokens = new JsonObject();
        tokens.addProperty("bos_token", "<bos>");
        tokens.addProperty("eos_token", "<eos>");
        return tokens;
    }

    /** Reads them; empty if a model has neither file. */
    static Optional<JsonObject> read(Path folder) throws IOException {
        JsonObject tokens = new JsonObject();
        boolean found = false;
        for (String file : FILES) {
            Optional<JsonObject> json = JsonFiles.object(folder.resolve(file));
            found |= json.isPresent();
            json.ifPresent(named -> add(named, tokens));
        }
        return found ? Optional.of(tokens) : Optional.empty();
    }

    private static void add(JsonObject named, JsonObject tokens) {
        NAMES.forEach(name -> add(name, named.get(name), tokens));
        if (named.get("additional_special_tokens") instanceof JsonArray more
                && !tokens.has("additional_special_tokens")) {
            JsonArray texts = new JsonArray();
            more.forEach(token -> text(token).ifPresent(texts::add));
            if (!texts.isEmpty()) {
                tokens.add("additional_special_tokens", texts);
            }
        }
        if (named.get("extra_special_tokens") instanceof JsonObject extra) {
            for (Map.Entry<String, JsonElement> token : extra.entrySet()) {
                add(token.getKey(), token.getValue(), tokens);
            }
        }
    }

    private static void add(String name, JsonElement token, JsonObject tokens) {
        if (!tokens.has(name)) {
            text(token).ifPresent(text -> tokens.addProperty(name, text));
        }
    }

    /** A token is its text, or an object that holds it. */
    private static Optional<String> text(JsonElement token) {
        JsonElement text = token instanceof JsonObject object ? object.get("content") : token;
        return text != null && text.isJsonPrimitive() && !text.getAsString().isEmpty()
                ? Optional.of(text.getAsString())
                : Optional.empty();
    }
}
