package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
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

    private static final Map<String, Set<String>> KEYWORDS =
            Map.of(
                    "string", Set.of("minLength", "maxLength", "pattern", "format"),
                    "integer", Set.of("minimum", "maximum"),
                    "number", Set.of(),
                    "boolean", Set.of(),
                    "null", Set.of(),
                    "array", Set.of("items", "prefixItems", "minItems", "maxItems"),
                    "object", Set.of("properties", "required", "additionalProperties"));

    private static final String TWO = "[0-5][0-9]";
    private static final String DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    private static final String TIME =
            "([01][0-9]|2[0-3]):" + TWO + ":" + TWO + "(Z|[+-]([01][0-9]|2[0-3]):" + TWO + ")";

    private static final Map<String, String> FORMATS =
            Map.of(
                    "date",
                    DATE,
                    "time",
                    TIME,
                    "date-time",
                    DATE + "T" + TIME,
                    "uuid",
                    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

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
            checkAlone(object, "$ref", path);
            return reference(object.get("$ref").getAsString(), path, references);
        }
        if (object.has("const")) {
            checkKeywords(object, path, Set.of("const", "type"));
            return fits(object.get("const"), object.get("type"))
                    ? literal(object.get("const"))
                    : Automata.makeEmpty();
        }
        if (object.has("enum")) {
            checkKeywords(object, path, Set.of("enum", "type"));
            return choice(
                    object.getAsJsonArray("enum"),
                    (value, i) ->
                            fits(value, object.get("type"))
                                    ? literal(value)
                                    : Automata.makeEmpty());
        }
        for (String name : List.of("anyOf", "oneOf", "allOf")) {
            if (object.has(name)) {
                checkAlone(object, name, path);
                JsonArray branches = object.getAsJsonArray(name);
                if (name.equals("oneOf")) {
                    requireApart(branches, path);
                }
                if (name.equals("allOf") && branches.size() != 1) {
                    throw unsupported(path, "allOf of " + branches.size() + " schemas");
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
                throw unsupported(path, "oneOf with branches of the same type, not anyOf,");
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

    private static Automaton literal(JsonElement value) {
        return JsonAutomata.text(value.toString());
    }

    private static boolean fits(JsonElement value, JsonElement types) {
        if (types == null) {
            return true;
        }
        List<String> names = new ArrayList<>();
        if (types instanceof JsonArray several) {
            several.forEach(name -> names.add(name.getAsString()));
        } else {
            names.add(types.getAsString());
        }
        return names.stream().anyMatch(name -> isOf(value, name));
    }

    private static boolean isOf(JsonElement value, String type) {
        JsonPrimitive primitive = value instanceof JsonPrimitive p ? p : null;
        return switch (type) {
            case "null" -> value.isJsonNull();
            case "array" -> value.isJsonArray();
            case "object" -> value.isJsonObject();
            case "string" -> primitive != null && primitive.isString();
            case "boolean" -> primitive != null && primitive.isBoolean();
            case "number" -> primitive != null && primitive.isNumber();
            case "integer" ->
                    primitive != null
                            && primitive.isNumber()
                            && primitive.getAsDouble() == Math.rint(primitive.getAsDouble());
            default -> false;
        };
    }

    private Automaton reference(String reference, String path, List<String> references) {
        long depth = references.stream().filter(reference::equals).count();
        if (depth > MAX_RECURSION) {
            return Automata.makeEmpty(); // nothing may be nested deeper
        }
        JsonElement target = root;
        if (!reference.startsWith("#")) {
            throw unsupported(path, "$ref to another document: " + reference);
        }
        for (String name : reference.substring(1).split("/")) {
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
            checkKeywords(schema, path, Set.of());
            return JsonAutomata.value(JsonAutomata.MAX_DEPTH);
        }
        List<String> known = new ArrayList<>(List.of("type"));
        for (String type : types) {
            if (!KEYWORDS.containsKey(type)) {
                throw unsupported(path, "type " + type);
            }
            known.addAll(KEYWORDS.get(type));
        }
        checkKeywords(schema, path, Set.copyOf(known));
        return JsonAutomata.either(
                types.stream().map(type -> ofType(type, schema, path, references)).toList());
    }

    private Automaton ofType(String type, JsonObject schema, String path, List<String> references) {
        return switch (type) {
            case "string" -> string(schema, path);
            case "integer" -> integer(schema, path);
            case "number" -> JsonAutomata.number();
            case "boolean" ->
                    JsonAutomata.either(
                            List.of(JsonAutomata.text("true"), JsonAutomata.text("false")));
            case "null" -> JsonAutomata.text("null");
            case "array" -> array(schema, path, references);
            default -> object(schema, path, references);
        };
    }

    private static Automaton string(JsonObject schema, String path) {
        int min = count(schema, "minLength", 0, path);
        int max = count(schema, "maxLength", -1, path);
        Automaton any = JsonAutomata.string(min, max);
        if (schema.has("format")) {
            String format = schema.get("format").getAsString();
            if (!FORMATS.containsKey(format)) {
                throw unsupported(path, "format " + format);
            }
            any = Operations.intersection(any, matching(FORMATS.get(format)));
        }
        if (schema.has("pattern")) {
            any = Operations.intersection(any, pattern(schema.get("pattern").getAsString()));
        }
        return any;
    }

    /** Matches anywhere in the string unless anchored, as JSON schema wants it. */
    private static Automaton pattern(String pattern) {
        boolean fromStart = pattern.startsWith("^");
        boolean toEnd = pattern.endsWith("$") && !pattern.endsWith("\\$");
        String middle = pattern.substring(fromStart ? 1 : 0, pattern.length() - (toEnd ? 1 : 0));
        return matching((fromStart ? "" : ".*") + "(" + middle + ")" + (toEnd ? "" : ".*"));
    }

    private static Automaton matching(String expression) {
        Automaton content = OutputGrammar.determinize(OutputGrammar.expression(expression));
        Automaton plain = Operations.repeat(JsonAutomata.plainCharacter());
        return JsonAutomata.quoted(Operations.intersection(content, plain));
    }

    private static Automaton integer(JsonObject schema, String path) {
        if (!schema.has("minimum") && !schema.has("maximum")) {
            return JsonAutomata.integer();
        }
        int least = bound(schema, "minimum", -999_999_999, path);
        int most = bound(schema, "maximum", 999_999_999, path);
        if (least > most) {
            throw unsupported(path, "minimum %d above maximum %d".formatted(least, most));
        }
        return JsonAutomata.integer(least, most);
    }

    private static int bound(JsonObject schema, String name, int otherwise, String path) {
        if (!schema.has(name)) {
            return otherwise;
        }
        double value = schema.get(name).getAsDouble();
        if (Math.abs(value) > 999_999_999) {
            throw unsupported(path, name + " " + value);
        }
        return (int) (name.equals("minimum") ? Math.ceil(value) : Math.floor(value));
    }

    private static int count(JsonObject schema, String name, int otherwise, String path) {
        if (!schema.has(name)) {
            return otherwise;
        }
        int value = schema.get(name).getAsInt();
        if (value < 0 || value > MAX_REPEAT) {
            throw unsupported(path, "%s %d, expected 0 to %d".formatted(name, value, MAX_REPEAT));
        }
        return value;
    }

    private Automaton array(JsonObject schema, String path, List<String> references) {
        int min = count(schema, "minItems", 0, path);
        int max = count(schema, "maxItems", -1, path);
        if (schema.has("prefixItems")) {
            checkKeywords(schema, path, Set.of("type", "prefixItems", "items"));
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
                throw unsupported(path, "required property '%s' without a schema".formatted(name));
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
            Automaton pair = JsonAutomata.pair(literal(new JsonPrimitive(name)), value);
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

    private static void checkAlone(JsonObject schema, String name, String path) {
        checkKeywords(schema, path, Set.of(name));
    }

    private static void checkKeywords(JsonObject schema, String path, Set<String> known) {
        for (String name : schema.keySet()) {
            if (!known.contains(name) && !WITHOUT_MEANING.contains(name)) {
                throw unsupported(path, "keyword '%s' in %s".formatted(name, schema));
            }
        }
    }

    private static IllegalArgumentException unsupported(String path, String what) {
        return new IllegalArgumentException(
                "JSON schema, %s: %s cannot be guaranteed; leave it out".formatted(path, what));
    }
}
