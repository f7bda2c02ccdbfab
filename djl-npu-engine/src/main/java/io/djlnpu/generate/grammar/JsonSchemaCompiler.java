package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * Turns a JSON schema into an automaton whose every text the schema accepts. Not every text that it
 * accepts: properties come in the schema's order, and none that it does not name.
 *
 * <p>Understood: {@code type} (one or several), {@code enum}, {@code const}, {@code anyOf}, {@code
 * oneOf} (of different types), {@code allOf} of one, {@code $ref} within the document (recursion is
 * unrolled {@value #MAX_RECURSION} times), {@code properties}, {@code required}, {@code
 * additionalProperties}, {@code items}, {@code prefixItems}, {@code minItems}, {@code maxItems},
 * {@code minLength}, {@code maxLength}, {@code pattern}, {@code format} (date, time, date-time,
 * uuid), {@code minimum} and {@code maximum} of integers. Any other constraint is refused by name.
 */
final class JsonSchemaCompiler {

    private static final int MAX_RECURSION = 3;

    private final JsonObject root;

    JsonSchemaCompiler(JsonObject root) {
        this.root = root;
    }

    Automaton compile() {
        try {
            return compile(root, "#", List.of());
        } catch (IllegalStateException
                | UnsupportedOperationException
                | ClassCastException
                | NumberFormatException e) {
            throw new IllegalArgumentException("not a JSON schema: " + e.getMessage(), e);
        }
    }

    private Automaton compile(JsonElement schema, String path, List<String> references) {
        if (schema.isJsonPrimitive() && schema.getAsJsonPrimitive().isBoolean()) {
            if (schema.getAsBoolean()) {
                return JsonAutomata.value(JsonAutomata.MAX_DEPTH);
            }
            return Automata.makeEmpty();
        }
        JsonObject object = schema.getAsJsonObject();
        if (object.has("$ref")) {
            SchemaKeywords.checkAlone(object, "$ref", path);
            return reference(object.get("$ref").getAsString(), path, references);
        }
        if (object.has("const")) {
            SchemaKeywords.check(object, path, Set.of("const", "type"));
            return ScalarSchemas.fits(object.get("const"), object.get("type"))
                    ? ScalarSchemas.literal(object.get("const"))
                    : Automata.makeEmpty();
        }
        if (object.has("enum")) {
            SchemaKeywords.check(object, path, Set.of("enum", "type"));
            return choice(
                    object.getAsJsonArray("enum"),
                    (value, i) ->
                            ScalarSchemas.fits(value, object.get("type"))
                                    ? ScalarSchemas.literal(value)
                                    : Automata.makeEmpty());
        }
        for (String name : List.of("anyOf", "oneOf", "allOf")) {
            if (object.has(name)) {
                SchemaKeywords.checkAlone(object, name, path);
                JsonArray branches = object.getAsJsonArray(name);
                if (name.equals("oneOf")) {
                    requireApart(branches, path);
                }
                if (name.equals("allOf") && branches.size() != 1) {
                    throw SchemaKeywords.unsupported(
                            path, "allOf of " + branches.size() + " schemas");
                }
                return choice(
                        branches,
                        (branch, i) -> compile(branch, path + "/" + name + "/" + i, references));
            }
        }
        return typed(object, path, references);
    }

    /** Types tell branches apart; anything finer may let a text fit two of them. */
    private static void requireApart(JsonArray branches, String path) {
        Set<String> types = new HashSet<>();
        for (JsonElement branch : branches) {
            JsonElement type = branch.getAsJsonObject().get("type");
            boolean single = type != null && type.isJsonPrimitive();
            String name = single ? type.getAsString() : "";
            if (!single || !types.add(name.equals("integer") ? "number" : name)) {
                throw SchemaKeywords.unsupported(
                        path, "oneOf with branches of the same type, not anyOf,");
            }
        }
    }

    private interface Branch {
        Automaton compile(JsonElement element, int index);
    }

    private static Automaton choice(JsonArray branches, Branch branch) {
        List<Automaton> choices = new ArrayList<>();
        for (JsonElement element : branches) {
            choices.add(branch.compile(element, choices.size()));
        }
        return JsonAutomata.either(choices);
    }

    private Automaton reference(String reference, String path, List<String> references) {
        long depth = references.stream().filter(reference::equals).count();
        if (depth > MAX_RECURSION) {
            return Automata.makeEmpty(); // nothing may be nested deeper
        }
        JsonElement target = root;
        if (!reference.startsWith("#")) {
            throw SchemaKeywords.unsupported(path, "$ref to another document: " + reference);
        }
        for (String name : pointer(reference, path).split("/")) {
            if (!name.isEmpty()) {
                target =
                        target instanceof JsonObject object
                                ? object.get(name.replace("~1", "/").replace("~0", "~"))
                                : null;
            }
        }
        if (target == null) {
            throw new IllegalArgumentException(
                    "JSON schema, %s: no such place: %s".formatted(path, reference));
        }
        List<String> deeper = new ArrayList<>(references);
        deeper.add(reference);
        return compile(target, reference, deeper);
    }

    /** A pointer within a URL: what percent signs stand for is read first. */
    private static String pointer(String reference, String path) {
        try {
            return URLDecoder.decode(
                    reference.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "JSON schema, %s: $ref %s: %s".formatted(path, reference, e.getMessage()), e);
        }
    }

    private Automaton typed(JsonObject schema, String path, List<String> references) {
        List<String> types = new ArrayList<>();
        if (schema.get("type") instanceof JsonArray several) {
            several.forEach(type -> types.add(type.getAsString()));
        } else if (schema.has("type")) {
            types.add(schema.get("type").getAsString());
        } else if (schema.has("properties") || schema.has("required")) {
            types.add("object");
        } else if (schema.has("items") || schema.has("prefixItems")) {
            types.add("array");
        } else {
            SchemaKeywords.check(schema, path, Set.of());
            return JsonAutomata.value(JsonAutomata.MAX_DEPTH);
        }
        List<String> known = new ArrayList<>(List.of("type"));
        for (String type : types) {
            known.addAll(SchemaKeywords.ofType(type, path));
        }
        SchemaKeywords.check(schema, path, Set.copyOf(known));
        return JsonAutomata.either(
                types.stream().map(type -> ofType(type, schema, path, references)).toList());
    }

    private Automaton ofType(String type, JsonObject schema, String path, List<String> references) {
        return switch (type) {
            case "string" -> ScalarSchemas.string(schema, path);
            case "integer" -> ScalarSchemas.integer(schema, path);
            case "number" -> JsonAutomata.number();
            case "boolean" ->
                    JsonAutomata.either(
                            List.of(JsonAutomata.text("true"), JsonAutomata.text("false")));
            case "null" -> JsonAutomata.text("null");
            case "array" -> array(schema, path, references);
            default -> object(schema, path, references);
        };
    }

    private Automaton array(JsonObject schema, String path, List<String> references) {
        int min = SchemaKeywords.count(schema, "minItems", 0, path);
        int max = SchemaKeywords.count(schema, "maxItems", -1, path);
        if (schema.has("prefixItems")) {
            SchemaKeywords.check(schema, path, Set.of("type", "prefixItems", "items"));
            List<Automaton> parts = new ArrayList<>();
            for (JsonElement item : schema.getAsJsonArray("prefixItems")) {
                if (!parts.isEmpty()) {
                    parts.add(JsonAutomata.comma());
                }
                parts.add(compile(item, path + "/prefixItems", references));
            }
            return JsonAutomata.array(JsonAutomata.sequence(parts));
        }
        Automaton item =
                schema.has("items")
                        ? compile(schema.get("items"), path + "/items", references)
                        : JsonAutomata.value(JsonAutomata.MAX_DEPTH - 1);
        return JsonAutomata.array(JsonAutomata.list(item, min, max));
    }

    private Automaton object(JsonObject schema, String path, List<String> references) {
        JsonObject properties =
                schema.has("properties") ? schema.getAsJsonObject("properties") : new JsonObject();
        List<String> required = new ArrayList<>();
        if (schema.has("required")) {
            schema.getAsJsonArray("required").forEach(name -> required.add(name.getAsString()));
        }
        JsonElement additional = schema.get("additionalProperties");
        boolean closed =
                additional != null && additional.isJsonPrimitive() && !additional.getAsBoolean();
        if (properties.isEmpty() && required.isEmpty() && !closed) {
            Automaton value =
                    additional == null
                            ? JsonAutomata.value(JsonAutomata.MAX_DEPTH - 1)
                            : compile(additional, path + "/additionalProperties", references);
            Automaton pair = JsonAutomata.pair(JsonAutomata.string(), value);
            return JsonAutomata.object(JsonAutomata.list(pair, 0, -1));
        }
        for (String name : required) {
            if (!properties.has(name)) {
                throw SchemaKeywords.unsupported(
                        path, "required property '%s' without a schema".formatted(name));
            }
        }
        return JsonAutomata.object(members(properties, required, path, references));
    }

    /**
     * The union over which property comes last: so that the copies of a property's automaton run
     * side by side and become one when made deterministic.
     */
    private Automaton members(
            JsonObject properties, List<String> required, String path, List<String> references) {
        List<Automaton> choices = new ArrayList<>();
        Automaton before = Automata.makeEmptyString();
        if (required.isEmpty()) {
            choices.add(before);
        }
        int missing = required.size();
        for (Map.Entry<String, JsonElement> property : properties.entrySet()) {
            String name = property.getKey();
            Automaton value =
                    compile(property.getValue(), path + "/properties/" + name, references);
            Automaton pair =
                    JsonAutomata.pair(ScalarSchemas.literal(new JsonPrimitive(name)), value);
            boolean needed = required.contains(name);
            missing -= needed ? 1 : 0;
            if (missing == 0) {
                choices.add(JsonAutomata.sequence(before, pair));
            }
            Automaton followed = JsonAutomata.sequence(pair, JsonAutomata.comma());
            before =
                    OutputGrammar.determinize(
                            JsonAutomata.sequence(
                                    before, needed ? followed : Operations.optional(followed)));
        }
        return JsonAutomata.either(choices);
    }
}
