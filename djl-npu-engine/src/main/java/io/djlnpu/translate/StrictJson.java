package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.internal.LazilyParsedNumber;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;

/**
 * Reads a request's JSON as the standard has it: no comments, single quotes, {@code NaN}, or second
 * value behind the first. A name that an object holds twice is reported; its last value counts.
 */
final class StrictJson {

    private static final int MOST_DEPTH = 128;

    private final JsonReader json;
    private final List<String> faults;

    private StrictJson(JsonReader json, List<String> faults) {
        this.json = json;
        this.faults = faults;
    }

    /**
     * Reads a text.
     *
     * @param faults receives what is wrong without being ambiguous to others
     * @throws IllegalArgumentException if it is no JSON
     */
    static JsonElement parse(String text, List<String> faults) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            reader.setNestingLimit(MOST_DEPTH);
            JsonElement value = new StrictJson(reader, faults).value();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalArgumentException("not JSON: something after its end");
            }
            return value;
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
        }
    }

    private JsonElement value() throws IOException {
        return switch (json.peek()) {
            case BEGIN_OBJECT -> object();
            case BEGIN_ARRAY -> array();
            case STRING -> new JsonPrimitive(json.nextString());
            case NUMBER -> new JsonPrimitive(new LazilyParsedNumber(json.nextString()));
            case BOOLEAN -> new JsonPrimitive(json.nextBoolean());
            case NULL -> {
                json.nextNull();
                yield JsonNull.INSTANCE;
            }
            default -> throw new IllegalStateException("no value at " + json.getPath());
        };
    }

    private JsonObject object() throws IOException {
        JsonObject object = new JsonObject();
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            if (object.has(name)) {
                faults.add("'%s' stands twice; the last one counts".formatted(json.getPath()));
            }
            object.add(name, value());
        }
        json.endObject();
        return object;
    }

    private JsonArray array() throws IOException {
        JsonArray array = new JsonArray();
        json.beginArray();
        while (json.hasNext()) {
            array.add(value());
        }
        json.endArray();
        return array;
    }
}
