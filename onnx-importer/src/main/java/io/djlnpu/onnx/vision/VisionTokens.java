package io.djlnpu.onnx.vision;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.onnx.configuration.ConfigSources;
import io.djlnpu.onnx.files.ModelFolder;
import java.io.IOException;
import java.util.Map;

/**
 * The ids of the tokens around an image, as {@code tokenizer_config.json} names them; -1 where it
 * does not.
 *
 * @param image the soft token
 * @param begin before an image
 * @param end behind an image
 */
public record VisionTokens(int image, int begin, int end) {

    public static VisionTokens of(ModelFolder folder) throws IOException {
        JsonObject config = ConfigSources.object(folder.find("tokenizer_config.json"));
        if (config == null || !(config.get("added_tokens_decoder") instanceof JsonObject decoder)) {
            return new VisionTokens(-1, -1, -1);
        }
        return new VisionTokens(
                id(config, "image_token", decoder),
                id(config, "boi_token", decoder),
                id(config, "eoi_token", decoder));
    }

    private static int id(JsonObject config, String key, JsonObject decoder) {
        String wanted = text(config.get(key));
        for (Map.Entry<String, JsonElement> entry : decoder.entrySet()) {
            boolean matches =
                    entry.getValue() instanceof JsonObject token
                            && wanted != null
                            && wanted.equals(text(token.get("content")));
            if (matches && entry.getKey().matches("[0-9]{1,9}")) {
                return Integer.parseInt(entry.getKey());
            }
        }
        return -1;
    }

    private static String text(JsonElement value) {
        return value != null && value.isJsonPrimitive() ? value.getAsString() : null;
    }
}
