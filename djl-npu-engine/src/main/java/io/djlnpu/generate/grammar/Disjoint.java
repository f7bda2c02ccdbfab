package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells schemas that no value can hold to at once: by their types, by constants, or by a property
 * that both ask for and in which they differ. "No" means that it was not seen.
 */
final class Disjoint {

    private Disjoint() {}

    static boolean are(List<Place> a, List<Place> b, JsonSchemaCompiler compiler, int depth) {
        Set<JsonTypes> left = types(a);
        left.retainAll(types(b));
        if (left.isEmpty()) {
            return true;
        }
        Set<JsonElement> one = constants(a);
        Set<JsonElement> other = constants(b);
        if (one != null && other != null && apart(one, other)) {
            return true;
        }
        if (!left.equals(Set.of(JsonTypes.OBJECT)) || depth == 0) {
            return false;
        }
        Set<String> needed = required(a);
        Set<String> asked = required(b);
        if (needed.stream().anyMatch(name -> isClosedTo(name, b))
                || asked.stream().anyMatch(name -> isClosedTo(name, a))) {
            return true;
        }
        needed.retainAll(asked);
        for (String name : needed) {
            for (Place ours : property(name, a, compiler)) {
                for (Place theirs : property(name, b, compiler)) {
                    if (are(compiler.flat(ours), compiler.flat(theirs), compiler, depth - 1)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static Set<JsonTypes> types(List<Place> places) {
        Set<JsonTypes> types = JsonTypes.all();
        for (Place place : places) {
            types.retainAll(JsonTypes.of(place));
            Set<JsonElement> constants = constants(List.of(place));
            if (constants != null) {
                Set<JsonTypes> stated = new HashSet<>();
                constants.forEach(value -> stated.add(JsonTypes.of(value)));
                types.retainAll(stated);
            }
        }
        return types;
    }

    private static Set<JsonElement> constants(List<Place> places) {
        Set<JsonElement> constants = null;
        for (Place place : places) {
            Set<JsonElement> some = null;
            if (place.has("const")) {
                some = Set.of(place.get("const"));
            } else if (place.get("enum") instanceof JsonArray list) {
                some = new HashSet<>(list.asList());
            }
            if (some != null && constants != null) {
                Set<JsonElement> all = new HashSet<>(some);
                all.retainAll(constants);
                constants = all;
            } else if (some != null) {
                constants = some;
            }
        }
        return constants;
    }

    /** Numbers may be written in several ways, so they count as possibly the same. */
    private static boolean apart(Set<JsonElement> a, Set<JsonElement> b) {
        for (JsonElement value : a) {
            for (JsonElement other : b) {
                boolean numbers =
                        value instanceof JsonPrimitive p
                                && p.isNumber()
                                && other instanceof JsonPrimitive q
                                && q.isNumber();
                boolean compound = !value.isJsonPrimitive() && !value.isJsonNull();
                if (numbers
                        ? value.getAsBigDecimal().compareTo(other.getAsBigDecimal()) == 0
                        : value.equals(other)
                                || compound && !other.isJsonPrimitive() && !other.isJsonNull()) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Set<String> required(List<Place> places) {
        Set<String> names = new HashSet<>();
        for (Place place : places) {
            if (place.get("required") instanceof JsonArray) {
                names.addAll(JsonSchemaCompiler.names(place.get("required"), place, "required"));
            }
        }
        return names;
    }

    private static boolean isClosedTo(String name, List<Place> places) {
        return places.stream()
                .anyMatch(
                        place ->
                                place.get("additionalProperties") instanceof JsonPrimitive open
                                        && open.isBoolean()
                                        && !open.getAsBoolean()
                                        && !place.object("properties").has(name)
                                        && !place.has("patternProperties"));
    }

    private static List<Place> property(
            String name, List<Place> places, JsonSchemaCompiler compiler) {
        return places.stream()
                .filter(
                        place ->
                                place.get("properties") instanceof JsonObject properties
                                        && properties.has(name))
                .map(
                        place ->
                                place.at(
                                        place.object("properties").get(name),
                                        "properties/" + SchemaDocument.escaped(name)))
                .toList();
    }
}
