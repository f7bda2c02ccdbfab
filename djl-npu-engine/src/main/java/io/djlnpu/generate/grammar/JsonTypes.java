package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The types of JSON values; whole numbers are told from others. */
enum JsonTypes {
    STRING,
    INTEGER,
    /** A number that is not whole. */
    FRACTION,
    BOOLEAN,
    NULL,
    ARRAY,
    OBJECT;

    static Set<JsonTypes> all() {
        return EnumSet.allOf(JsonTypes.class);
    }

    /** What {@code type} lets through. */
    static Set<JsonTypes> of(Place place) {
        JsonElement stated = place.get("type");
        if (stated == null) {
            return all();
        }
        Set<JsonTypes> types = EnumSet.noneOf(JsonTypes.class);
        List<JsonElement> names =
                stated instanceof JsonArray several ? several.asList() : List.of(stated);
        for (JsonElement name : names) {
            if (!(name instanceof JsonPrimitive text) || !text.isString()) {
                throw place.malformed("type", "a name or a list of names");
            }
            switch (text.getAsString()) {
                case "string" -> types.add(STRING);
                case "integer" -> types.add(INTEGER);
                case "number" -> types.addAll(Set.of(INTEGER, FRACTION));
                case "boolean" -> types.add(BOOLEAN);
                case "null" -> types.add(NULL);
                case "array" -> types.add(ARRAY);
                case "object" -> types.add(OBJECT);
                default -> throw place.unsupported("type " + text.getAsString());
            }
        }
        return types;
    }

    static JsonTypes of(JsonElement value) {
        if (value.isJsonNull()) {
            return NULL;
        }
        if (value.isJsonArray() || value.isJsonObject()) {
            return value.isJsonArray() ? ARRAY : OBJECT;
        }
        JsonPrimitive primitive = value.getAsJsonPrimitive();
        if (primitive.isNumber()) {
            BigDecimal number = new BigDecimal(primitive.getAsString());
            return number.stripTrailingZeros().scale() <= 0 ? INTEGER : FRACTION;
        }
        return primitive.isString() ? STRING : BOOLEAN;
    }
}
