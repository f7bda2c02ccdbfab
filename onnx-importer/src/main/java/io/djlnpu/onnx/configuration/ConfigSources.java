package io.djlnpu.onnx.configuration;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.files.ModelFolder;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The JSON files beside a graph that say something about the configuration.
 *
 * @param configJson Hugging Face's configuration, or null
 * @param genai the {@code model} object of {@code genai_config.json}, or null
 * @param generation {@code generation_config.json}, or null
 */
public record ConfigSources(Path configJson, JsonObject genai, JsonObject generation) {

    private static final long LARGEST = 16 << 20;

    public static ConfigSources of(ModelFolder folder, Path explicitConfig) throws IOException {
        Path config = explicitConfig;
        if (config == null) {
            config = folder.find("config.json").orElse(null);
        }
        JsonObject genai = object(folder.find("genai_config.json"));
        return new ConfigSources(
                config,
                genai == null ? null : child(genai, "model"),
                object(folder.find("generation_config.json")));
    }

    /** Whether {@code config.json} says that the head is a matrix of its own. */
    public boolean untied() throws IOException {
        JsonObject top = configJson == null ? null : object(Optional.of(configJson));
        if (top == null) {
            return false;
        }
        JsonObject text = child(top, "text_config");
        return isFalse(top, "tie_word_embeddings")
                || text != null && isFalse(text, "tie_word_embeddings");
    }

    /** Whether {@code config.json} states any of some keys of the text model. */
    public boolean states(String... keys) throws IOException {
        JsonObject top = object(Optional.ofNullable(configJson));
        JsonObject text = top == null ? null : child(top, "text_config");
        for (String key : keys) {
            if (isStated(top, key) || isStated(text, key)) {
                return true;
            }
        }
        return false;
    }

    /** The function of the MLP's gate as {@code config.json} has it, or an empty text. */
    public String activation() throws IOException {
        JsonObject top = object(Optional.ofNullable(configJson));
        JsonObject text = top == null ? null : child(top, "text_config");
        JsonObject model = text != null ? text : top;
        return isStated(model, "hidden_activation")
                ? model.get("hidden_activation").getAsString()
                : "";
    }

    /** A whole number of the text model in {@code config.json}. */
    public int number(String key, int fallback) throws IOException {
        JsonObject top = object(Optional.ofNullable(configJson));
        JsonObject text = top == null ? null : child(top, "text_config");
        JsonObject model = text != null ? text : top;
        Integer found = isStated(model, key) ? integer("config.json", model.get(key)) : null;
        return found == null ? fallback : found;
    }

    private static boolean isStated(JsonObject object, String key) {
        return object != null && object.has(key) && !object.get(key).isJsonNull();
    }

    /**
     * A size, count or token of {@code genai_config.json}'s model object, by path; null if it is
     * not there.
     */
    public Integer genai(String... path) throws ModelFormatException {
        JsonObject object = genai;
        for (int i = 0; object != null && i + 1 < path.length; i++) {
            object = child(object, path[i]);
        }
        return object == null
                ? null
                : integer("genai_config.json", object.get(path[path.length - 1]));
    }

    /** The width of a head in {@code genai_config.json}, or 0. */
    public int headDim() throws ModelFormatException {
        Integer stated = genai("decoder", "head_size");
        return stated == null ? 0 : stated;
    }

    /** The tokens that end an answer, one or several; empty if not stated. */
    public static List<Integer> tokens(JsonObject object, String key) throws ModelFormatException {
        List<Integer> tokens = new ArrayList<>();
        JsonElement value = object == null ? null : object.get(key);
        if (value != null && value.isJsonArray()) {
            for (JsonElement token : value.getAsJsonArray()) {
                tokens.add(integer(key, token));
            }
        } else {
            tokens.add(integer(key, value));
        }
        tokens.removeIf(token -> token == null);
        return tokens;
    }

    private static boolean isFalse(JsonObject object, String key) {
        JsonElement value = object.get(key);
        return value != null && value.isJsonPrimitive() && !value.getAsBoolean();
    }

    private static Integer integer(String where, JsonElement value) throws ModelFormatException {
        boolean isNumber =
                value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
        if (!isNumber) {
            return null;
        }
        String digits = value.getAsString();
        if (!digits.matches("[0-9]{1,9}")) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    where
                            + ": the number "
                            + digits.substring(0, Math.min(digits.length(), 40))
                            + ", expected a count or a token; correct the file");
        }
        return Integer.valueOf(digits);
    }

    private static JsonObject child(JsonObject object, String key) {
        JsonElement child = object.get(key);
        return child != null && child.isJsonObject() ? child.getAsJsonObject() : null;
    }

    public static JsonObject object(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            return null;
        }
        try {
            if (Files.size(file.get()) > LARGEST) {
                throw new ModelFormatException(
                        Code.LIMIT_EXCEEDED, file.get() + ": too large for a configuration");
            }
            return JsonParser.parseString(Files.readString(file.get())).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException | CharacterCodingException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file.get() + ": no JSON object: " + e.getMessage(), e);
        }
    }
}
