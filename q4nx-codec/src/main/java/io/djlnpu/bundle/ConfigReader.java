package io.djlnpu.bundle;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Typed, bounded access to one JSON object of a configuration file; errors name the file and the
 * key.
 */
final class ConfigReader {

    private final String file;
    private final JsonObject object;

    ConfigReader(String file, JsonObject object) {
        this.file = file;
        this.object = object;
    }

    /** The objects of a file that is a list. */
    static List<ConfigReader> list(String file, JsonArray array) throws ModelFormatException {
        List<ConfigReader> values = new ArrayList<>();
        for (JsonElement item : array) {
            if (!item.isJsonObject()) {
                throw new ModelFormatException(
                        Code.MALFORMED, file + ": expected a list of objects");
            }
            values.add(new ConfigReader(file, item.getAsJsonObject()));
        }
        return values;
    }

    boolean has(String key) {
        return object.has(key) && !object.get(key).isJsonNull();
    }

    Optional<ConfigReader> child(String key) {
        return has(key) && object.get(key).isJsonObject()
                ? Optional.of(new ConfigReader(file, object.getAsJsonObject(key)))
                : Optional.empty();
    }

    /** A child that must be an object where it is there at all. */
    Optional<ConfigReader> object(String key) throws ModelFormatException {
        if (has(key) && !object.get(key).isJsonObject()) {
            throw malformed(key, "expected an object");
        }
        return child(key);
    }

    Set<String> keys() {
        return object.keySet();
    }

    String text(String key, String fallback) throws ModelFormatException {
        if (!has(key)) {
            return fallback;
        }
        if (!object.get(key).isJsonPrimitive()) {
            throw malformed(key, "expected a string");
        }
        return object.get(key).getAsString();
    }

    double number(String key, double fallback) throws ModelFormatException {
        if (!has(key)) {
            return fallback;
        }
        JsonElement element = object.get(key);
        if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isNumber()) {
            throw malformed(key, "found " + shown(element) + ", expected a number");
        }
        double value = element.getAsDouble();
        if (!Double.isFinite(value)) {
            throw malformed(key, "expected a finite number");
        }
        return value;
    }

    private static String shown(JsonElement element) {
        String text = element.toString();
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }

    double positive(String key, double fallback) throws ModelFormatException {
        double value = number(key, fallback);
        if (value <= 0) {
            throw malformed(key, "found " + value + ", expected a positive number");
        }
        return value;
    }

    /** A value that stays positive and finite as float32; 1e-6 by default. */
    float epsilon(String key) throws ModelFormatException {
        float value = (float) positive(key, 1e-6);
        if (value == 0 || Float.isInfinite(value)) {
            throw malformed(key, "found a number outside float32");
        }
        return value;
    }

    int count(String key, int fallback, int limit) throws ModelFormatException {
        double value = number(key, fallback);
        if (value != Math.rint(value) || value < 1 || value > limit) {
            throw malformed(key, "found " + value + ", expected a whole number from 1 to " + limit);
        }
        return (int) value;
    }

    /** A positive number without which nothing can be said about the model. */
    int required(String key, int limit) throws ModelFormatException {
        if (!has(key) || number(key, 0) <= 0) {
            throw error(
                    Code.MISSING_CONFIG,
                    "no positive '" + key + "'; a decoder with a gated MLP states it");
        }
        return count(key, 1, limit);
    }

    int token(String key, int fallback) throws ModelFormatException {
        return has(key) ? tokens(key, List.of(fallback)).getFirst() : fallback;
    }

    List<Integer> tokens(String key, List<Integer> fallback) throws ModelFormatException {
        if (!has(key)) {
            return fallback;
        }
        List<Integer> values = new ArrayList<>();
        JsonElement element = object.get(key);
        try {
            if (element.isJsonArray()) {
                for (JsonElement item : element.getAsJsonArray()) {
                    values.add(tokenId(key, item));
                }
            } else {
                values.add(tokenId(key, element));
            }
        } catch (NumberFormatException | IllegalStateException | UnsupportedOperationException e) {
            throw malformed(key, "expected a token id or a list of them");
        }
        if (values.isEmpty()) {
            throw malformed(key, "expected at least one token id");
        }
        return values;
    }

    private int tokenId(String key, JsonElement item) throws ModelFormatException {
        double value = item.getAsDouble();
        if (value != Math.rint(value) || value < 0 || value > Integer.MAX_VALUE) {
            throw malformed(key, "found " + item + ", expected a token id");
        }
        return (int) value;
    }

    List<String> texts(String key) throws ModelFormatException {
        List<String> values = new ArrayList<>();
        if (has(key)) {
            if (!object.get(key).isJsonArray()) {
                throw malformed(key, "expected a list");
            }
            for (JsonElement item : object.getAsJsonArray(key)) {
                if (!item.isJsonPrimitive()) {
                    throw malformed(key, "expected a list of strings");
                }
                values.add(item.getAsString());
            }
        }
        return values;
    }

    /** A list of objects; none where the key is not there. */
    List<ConfigReader> objects(String key) throws ModelFormatException {
        List<ConfigReader> values = new ArrayList<>();
        if (has(key)) {
            if (!object.get(key).isJsonArray()) {
                throw malformed(key, "expected a list");
            }
            values.addAll(list(file + ": '" + key + "'", object.getAsJsonArray(key)));
        }
        return values;
    }

    /** Texts by name, in the file's order; none where the key is not there. */
    Map<String, String> strings(String key) throws ModelFormatException {
        Map<String, String> values = new LinkedHashMap<>();
        Optional<ConfigReader> child = object(key);
        if (child.isPresent()) {
            for (String name : child.get().keys()) {
                values.put(name, child.get().text(name, ""));
            }
        }
        return values;
    }

    boolean flag(String key, boolean fallback) throws ModelFormatException {
        if (!has(key)) {
            return fallback;
        }
        if (!object.get(key).isJsonPrimitive()) {
            throw malformed(key, "expected true or false");
        }
        return object.get(key).getAsBoolean();
    }

    ModelFormatException malformed(String key, String what) {
        return new ModelFormatException(Code.MALFORMED, file + ": '" + key + "': " + what);
    }

    ModelFormatException error(Code code, String what) {
        return new ModelFormatException(code, file + ": " + what);
    }
}
