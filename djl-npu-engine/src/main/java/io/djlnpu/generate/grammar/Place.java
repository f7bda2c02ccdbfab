package io.djlnpu.generate.grammar;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * A schema at its place in the document, or made of one there.
 *
 * @param schema the schema, an object
 * @param pointer where it stands, and what was made of it: the same pointer is the same schema
 */
record Place(JsonObject schema, String pointer) {

    /** The schema below a name. */
    Place at(JsonElement below, String name) {
        return of(below, pointer + "/" + name);
    }

    static Place of(JsonElement schema, String pointer) {
        if (schema instanceof JsonObject object) {
            return new Place(object, pointer);
        }
        if (schema instanceof JsonPrimitive truth && truth.isBoolean()) {
            JsonObject object = new JsonObject();
            if (!truth.getAsBoolean()) {
                object.add("not", new JsonObject());
            }
            return new Place(object, pointer);
        }
        throw new IllegalArgumentException(
                "JSON schema, %s: %s, expected an object, true or false"
                        .formatted(pointer, schema));
    }

    /** The same without a keyword. */
    Place without(String keyword) {
        JsonObject rest = new JsonObject();
        schema.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(keyword))
                .forEach(entry -> rest.add(entry.getKey(), entry.getValue()));
        return new Place(rest, pointer + " without " + keyword);
    }

    boolean has(String keyword) {
        return schema.has(keyword);
    }

    JsonElement get(String keyword) {
        return schema.get(keyword);
    }

    JsonObject object(String keyword) {
        if (!has(keyword)) {
            return new JsonObject();
        }
        if (schema.get(keyword) instanceof JsonObject object) {
            return object;
        }
        throw malformed(keyword, "an object");
    }

    boolean flag(String keyword) {
        return schema.get(keyword) instanceof JsonPrimitive value
                && value.isBoolean()
                && value.getAsBoolean();
    }

    Optional<BigDecimal> number(String keyword) {
        JsonElement value = schema.get(keyword);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
            String text = primitive.getAsString();
            if (text.length() <= 400 && text.matches("-?[0-9.]+([eE][+-]?[0-9]{1,3})?")) {
                return Optional.of(new BigDecimal(text));
            }
        }
        throw malformed(keyword, "a number of at most 400 digits");
    }

    /** A whole number from 0 on; far too large ones are as good as no limit. */
    int count(String keyword, int otherwise) {
        Optional<BigDecimal> value = number(keyword);
        if (value.isEmpty()) {
            return otherwise;
        }
        if (value.get().signum() < 0 || value.get().stripTrailingZeros().scale() > 0) {
            throw malformed(keyword, "a whole number from 0 on");
        }
        return value.get().min(BigDecimal.valueOf(Term.INFINITE - 1)).intValue();
    }

    IllegalArgumentException malformed(String keyword, String expected) {
        return new IllegalArgumentException(
                "JSON schema, %s: '%s' is %s, expected %s"
                        .formatted(pointer, keyword, schema.get(keyword), expected));
    }

    IllegalArgumentException unsupported(String what) {
        return new IllegalArgumentException(
                "JSON schema, %s: %s cannot be guaranteed; leave it out".formatted(pointer, what));
    }
}
