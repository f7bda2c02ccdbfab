package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Keywords that leave a choice, as lists of schemas of which one list has to hold. */
final class Choices {

    private Choices() {}

    /** The choices that the first such keyword of a schema leaves; null if it leaves none. */
    static List<List<Place>> of(Place place, JsonSchemaCompiler compiler) {
        for (String keyword : List.of("anyOf", "oneOf")) {
            if (place.has(keyword)) {
                return branches(place, keyword, compiler);
            }
        }
        if (place.has("if")) {
            return condition(place);
        }
        for (String keyword : List.of("dependentRequired", "dependentSchemas", "dependencies")) {
            if (place.has(keyword)) {
                return dependency(place, keyword);
            }
        }
        return null;
    }

    private static List<List<Place>> branches(
            Place place, String keyword, JsonSchemaCompiler compiler) {
        JsonArray list = JsonSchemaCompiler.array(place, keyword);
        if (list.isEmpty()) {
            throw place.malformed(keyword, "at least one schema");
        }
        Place rest = place.without(keyword);
        List<Place> parts = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            parts.add(place.at(list.get(i), keyword + "/" + i));
        }
        if (keyword.equals("oneOf")) {
            for (int i = 0; i < parts.size(); i++) {
                for (int j = 0; j < i; j++) {
                    if (!compiler.apart(parts.get(i), parts.get(j))) {
                        throw place.unsupported(
                                "oneOf whose branches %d and %d may both hold, not anyOf,"
                                        .formatted(j, i));
                    }
                }
            }
        }
        return parts.stream().map(part -> List.of(rest, part)).toList();
    }

    private static Place made(Place place, String what, JsonObject schema) {
        return new Place(schema, place.pointer() + " " + what);
    }

    private static JsonObject requiring(List<String> names) {
        JsonArray required = new JsonArray();
        names.forEach(required::add);
        JsonObject schema = new JsonObject();
        schema.add("required", required);
        return schema;
    }

    private static JsonObject not(JsonElement schema) {
        JsonObject not = new JsonObject();
        not.add("not", schema);
        return not;
    }

    /** If a property is there, so are others, or a schema holds. */
    private static List<List<Place>> dependency(Place place, String keyword) {
        JsonObject all = place.object(keyword);
        if (all.isEmpty()) {
            return List.of(List.of(place.without(keyword)));
        }
        Map.Entry<String, JsonElement> one = all.entrySet().iterator().next();
        String name = one.getKey();
        JsonObject others = all.deepCopy();
        others.remove(name);
        JsonObject remaining = place.schema().deepCopy();
        remaining.add(keyword, others);
        Place rest = made(place, "without dependency " + name, remaining);
        Place absent = made(place, "without " + name, not(requiring(List.of(name))));
        Place present = made(place, "with " + name, requiring(List.of(name)));
        Place then =
                one.getValue() instanceof JsonArray names
                        ? made(
                                place,
                                "with what " + name + " needs",
                                requiring(JsonSchemaCompiler.names(names, place, keyword)))
                        : place.at(one.getValue(), keyword + "/" + name);
        return List.of(List.of(rest, absent), List.of(rest, present, then));
    }

    /** A condition on constants of properties: what it means for it not to hold can be said. */
    private static List<List<Place>> condition(Place place) {
        Place rest = place.without("if").without("then").without("else");
        if (!place.has("then") && !place.has("else")) {
            return List.of(List.of(rest));
        }
        Place condition = place.at(place.get("if"), "if");
        List<List<Place>> choices = new ArrayList<>();
        List<Place> holds = new ArrayList<>(List.of(rest, condition));
        if (place.has("then")) {
            holds.add(place.at(place.get("then"), "then"));
        }
        choices.add(holds);
        for (Place failure : failures(condition)) {
            List<Place> fails = new ArrayList<>(List.of(rest, failure));
            if (place.has("else")) {
                fails.add(place.at(place.get("else"), "else"));
            }
            choices.add(fails);
        }
        return choices;
    }

    private static List<Place> failures(Place condition) {
        List<Place> failures = new ArrayList<>();
        for (String keyword : condition.schema().keySet()) {
            switch (keyword) {
                case "required" -> {
                    for (String name :
                            JsonSchemaCompiler.names(
                                    condition.get("required"), condition, "required")) {
                        failures.add(
                                made(condition, "without " + name, not(requiring(List.of(name)))));
                    }
                }
                case "properties" -> {
                    for (Map.Entry<String, JsonElement> property :
                            condition.object("properties").entrySet()) {
                        failures.add(other(condition, property.getKey(), property.getValue()));
                    }
                }
                case "type" -> {
                    JsonObject type = new JsonObject();
                    type.add("type", condition.get("type"));
                    failures.add(made(condition, "of another type", not(type)));
                }
                case "title", "description", "$comment" -> {}
                default -> throw condition.unsupported("if with '" + keyword + "'");
            }
        }
        return failures;
    }

    /** The property is there, and is not what the condition asks for. */
    private static Place other(Place condition, String name, JsonElement value) {
        if (!(value instanceof JsonObject schema)
                || schema.keySet().stream()
                        .anyMatch(k -> !List.of("const", "enum", "type").contains(k))
                || schema.size() != 1) {
            throw condition.unsupported("if on more than a constant of '" + name + "'");
        }
        JsonObject properties = new JsonObject();
        properties.add(name, not(schema));
        JsonObject failure = requiring(List.of(name));
        failure.add("properties", properties);
        failure.add("type", new JsonPrimitive("object"));
        return made(condition, "with another " + name, failure);
    }
}
