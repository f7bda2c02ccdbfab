package io.djlnpu.generate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokens that end an answer: what the model's files declare, and those that end a turn in the
 * families that are run, wherever the vocabulary has them, because nothing sensible follows any.
 */
final class StopTokens {

    private static final String KEY = "eos_token_id";
    private static final List<String> FILES =
            List.of("generation_config.json", "config.json", "genai_config.json");

    private StopTokens() {}

    static Set<Integer> read(Path folder, Tokenizer tokenizer) throws IOException {
        Set<Integer> ids = new TreeSet<>();
        for (String name : FILES) {
            JsonObject json = JsonFiles.object(folder.resolve(name)).orElseGet(JsonObject::new);
            try {
                add(json, ids);
                if (json.get("model") instanceof JsonObject model) {
                    add(model, ids);
                }
            } catch (RuntimeException e) {
                throw new ModelFormatException(
                        Code.MALFORMED,
                        folder.resolve(name) + ": " + KEY + " is no token id or list of them",
                        e);
            }
        }
        for (String special : List.of("<eos>", "<end_of_turn>", "<|im_end|>", "<|eot_id|>")) {
            int[] encoded = tokenizer.encode(special, false);
            if (encoded.length == 1) {
                ids.add(encoded[0]);
            }
        }
        return Set.copyOf(ids);
    }

    private static void add(JsonObject json, Set<Integer> ids) {
        JsonElement value = json.get(KEY);
        if (value == null || value.isJsonNull()) {
            return;
        }
        if (value.isJsonArray()) {
            value.getAsJsonArray().forEach(id -> ids.add(id.getAsInt()));
        } else {
            ids.add(value.getAsInt());
        }
    }
}
