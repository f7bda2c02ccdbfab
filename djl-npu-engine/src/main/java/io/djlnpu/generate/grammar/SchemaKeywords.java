package io.djlnpu.generate.grammar;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Set;

/** Which words of a schema are understood where; any other is refused by name. */
final class SchemaKeywords {

    private static final int MAX_REPEAT = 1000;

    private static final Set<String> WITHOUT_MEANING =
            Set.of(
                    "title",
                    "description",
                    "default",
                    "examples",
                    "deprecated",
                    "readOnly",
                    "writeOnly",
                    "strict",
                    "$schema",
                    "$id",
                    "$comment",
                    "$defs",
                    "definitions");

    private static final Map<String, Set<String>> OF_TYPE =
            Map.of(
                    "string", Set.of("minLength", "maxLength", "pattern", "format"),
                    "integer", Set.of("minimum", "maximum"),
                    "number", Set.of(),
                    "boolean", Set.of(),
                    "null", Set.of(),
                    "array", Set.of("items", "prefixItems", "minItems", "maxItems"),
                    "object", Set.of("properties", "required", "additionalProperties"));

    private SchemaKeywords() {}

    /** The words that constrain values of a type. */
    static Set<String> ofType(String type, String path) {
        if (!OF_TYPE.containsKey(type)) {
            throw unsupported(path, "type " + type);
        }
        return OF_TYPE.get(type);
    }

    static void checkAlone(JsonObject schema, String name, String path) {
        check(schema, path, Set.of(name));
    }

    static void check(JsonObject schema, String path, Set<String> known) {
        for (String name : schema.keySet()) {
            if (!known.contains(name) && !WITHOUT_MEANING.contains(name)) {
                throw unsupported(path, "keyword '%s' in %s".formatted(name, schema));
            }
        }
    }

    static IllegalArgumentException unsupported(String path, String what) {
        return new IllegalArgumentException(
                "JSON schema, %s: %s cannot be guaranteed; leave it out".formatted(path, what));
    }

    static int bound(JsonObject schema, String name, int otherwise, String path) {
        if (!schema.has(name)) {
            return otherwise;
        }
        double value = schema.get(name).getAsDouble();
        if (Math.abs(value) > 999_999_999) {
            throw unsupported(path, name + " " + value);
        }
        return (int) (name.equals("minimum") ? Math.ceil(value) : Math.floor(value));
    }

    static int count(JsonObject schema, String name, int otherwise, String path) {
        if (!schema.has(name)) {
            return otherwise;
        }
        int value = schema.get(name).getAsInt();
        if (value < 0 || value > MAX_REPEAT) {
            throw unsupported(path, "%s %d, expected 0 to %d".formatted(name, value, MAX_REPEAT));
        }
        return value;
    }
}
