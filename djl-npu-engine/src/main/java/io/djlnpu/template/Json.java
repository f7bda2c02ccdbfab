package io.djlnpu.template;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Real;
import io.djlnpu.template.Value.Text;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON in, as Python's {@code json} reads it. */
final class Json {

    private static final int MAX_DIGITS = 4_300;

    private Json() {}

    /** The size of a value, where each that is no text counts as eight. */
    static long characters(JsonElement json) {
        return 8
                + switch (json) {
                    case JsonArray array ->
                            array.asList().stream().mapToLong(Json::characters).sum();
                    case JsonObject object ->
                            object.entrySet().stream()
                                    .mapToLong(e -> e.getKey().length() + characters(e.getValue()))
                                    .sum();
                    case JsonPrimitive primitive ->
                            primitive.isString() ? primitive.getAsString().length() : 0;
                    default -> 0;
                };
    }

    static Value value(JsonElement json) {
        return switch (json) {
            case JsonArray array -> {
                List<Value> items = new ArrayList<>(array.size());
                array.forEach(element -> items.add(value(element)));
                yield Items.list(items);
            }
            case JsonObject object -> {
                Map<Value, Value> map = new LinkedHashMap<>();
                object.entrySet()
                        .forEach(
                                entry -> map.put(Text.of(entry.getKey()), value(entry.getValue())));
                yield new Dict(map);
            }
            case JsonPrimitive primitive -> primitive(primitive);
            case JsonNull nothing -> None.NONE;
            default -> throw new IllegalStateException("no JSON: " + json);
        };
    }

    private static Value primitive(JsonPrimitive primitive) {
        if (primitive.isBoolean()) {
            return Bool.of(primitive.getAsBoolean());
        }
        if (primitive.isString()) {
            return Text.of(primitive.getAsString());
        }
        String number = primitive.getAsString();
        if (!number.matches("-?\\d+")) {
            return new Real(Double.parseDouble(number));
        }
        if (number.length() > MAX_DIGITS) {
            throw TemplateException.value("an integer of more than " + MAX_DIGITS + " digits");
        }
        return new Int(new BigInteger(number));
    }
}
