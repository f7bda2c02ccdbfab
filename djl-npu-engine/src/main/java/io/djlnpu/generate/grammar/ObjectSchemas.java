package io.djlnpu.generate.grammar;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.generate.grammar.ObjectMembers.Property;
import io.djlnpu.generate.grammar.TypedSchemas.Exclusion;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Objects that hold to several schemas. */
final class ObjectSchemas {

    /** Each subset of patterns is a kind of name. */
    private static final int MOST_PATTERNS = 5;

    private final JsonSchemaCompiler compiler;
    private final TypedSchemas typed;
    private final JsonText json;
    private final Terms terms;
    private final Derivatives derivatives;

    ObjectSchemas(
            JsonSchemaCompiler compiler,
            TypedSchemas typed,
            JsonText json,
            Derivatives derivatives) {
        this.compiler = compiler;
        this.typed = typed;
        this.json = json;
        terms = json.terms;
        this.derivatives = derivatives;
    }

    /** One {@code patternProperties} entry. */
    private record Pattern(Place place, String expression, Term names, JsonElement schema) {}

    Term compile(List<Place> places, List<Exclusion> exclusions) {
        Set<String> names = new LinkedHashSet<>();
        Set<String> required = new LinkedHashSet<>();
        List<Pattern> patterns = new ArrayList<>();
        List<Place> nameSchemas = new ArrayList<>();
        int min = 0;
        int max = Term.INFINITE;
        for (Place place : places) {
            names.addAll(place.object("properties").keySet());
            if (place.get("required") != null && !place.get("required").isJsonPrimitive()) {
                required.addAll(JsonSchemaCompiler.names(place.get("required"), place, "required"));
            }
            min = Math.max(min, place.count("minProperties", 0));
            max = Math.min(max, place.count("maxProperties", Term.INFINITE));
            for (Map.Entry<String, JsonElement> entry :
                    place.object("patternProperties").entrySet()) {
                Term matching = RegularExpression.anywhere(entry.getKey(), json.inString);
                patterns.add(new Pattern(place, entry.getKey(), matching, entry.getValue()));
            }
            if (place.has("propertyNames")) {
                nameSchemas.addAll(
                        compiler.flat(place.at(place.get("propertyNames"), "propertyNames")));
            }
            if (place.has("unevaluatedProperties")) {
                requireSimple(place, places);
            }
        }
        Set<String> forbidden = new LinkedHashSet<>();
        exclusions.forEach(exclusion -> forbidden.addAll(exclusion.names()));
        names.addAll(required);
        names.addAll(forbidden);
        Term allowedNames = nameSchemas.isEmpty() ? json.content : nameContent(nameSchemas);
        List<Property> properties = new ArrayList<>();
        for (String name : names) {
            terms.budget.take(1);
            Term key = json.inString.text(name);
            boolean may =
                    !forbidden.contains(name)
                            && (nameSchemas.isEmpty() || accepts(allowedNames, name));
            Term value = may ? compiler.value(ofName(name, places, patterns)) : terms.nothing;
            if (value != terms.nothing || required.contains(name)) {
                properties.add(
                        new Property(json.pair(json.quoted(key), value), required.contains(name)));
            }
        }
        List<Term> others = others(names, allowedNames, places, patterns);
        return new ObjectMembers(json, derivatives, properties, others, min, max).object();
    }

    /**
     * Without a choice or another schema beside it, what is not evaluated is what is additional.
     */
    private static void requireSimple(Place place, List<Place> all) {
        if (all.size() != 1 || place.pointer().contains(" ")) {
            throw place.unsupported("keyword 'unevaluatedProperties' beside other schemas");
        }
    }

    private Term nameContent(List<Place> schemas) {
        List<Term> held = new ArrayList<>();
        for (Place place : schemas) {
            if (place.has("enum") || place.has("const")) {
                List<JsonElement> values =
                        place.has("const")
                                ? List.of(place.get("const"))
                                : JsonSchemaCompiler.array(place, "enum").asList();
                held.add(
                        terms.either(
                                values.stream()
                                        .filter(v -> JsonTypes.of(v) == JsonTypes.STRING)
                                        .map(v -> json.inString.text(v.getAsString()))
                                        .toList()));
            }
            for (String keyword : List.of("anyOf", "oneOf", "not", "if")) {
                if (place.has(keyword)) {
                    throw place.unsupported("propertyNames with '" + keyword + "'");
                }
            }
            if (!JsonTypes.of(place).contains(JsonTypes.STRING)) {
                return terms.nothing;
            }
        }
        held.add(typed.characters(schemas));
        return terms.both(held);
    }

    private boolean accepts(Term content, String name) {
        String quoted = new com.google.gson.JsonPrimitive(name).toString();
        Term at = content;
        byte[] bytes =
                quoted.substring(1, quoted.length() - 1)
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (byte b : bytes) {
            at = derivatives.row(at)[b & 0xFF];
        }
        return at.nullable;
    }

    /** What the value of a named property has to hold to. */
    private List<Place> ofName(String name, List<Place> places, List<Pattern> patterns) {
        List<Place> all = new ArrayList<>();
        for (Place place : places) {
            boolean evaluated = false;
            JsonObject properties = place.object("properties");
            if (properties.has(name)) {
                all.add(place.at(properties.get(name), at("properties", name)));
                evaluated = true;
            }
            for (Pattern pattern : patterns) {
                if (pattern.place == place && accepts(pattern.names, name)) {
                    all.add(place.at(pattern.schema, at("patternProperties", pattern.expression)));
                    evaluated = true;
                }
            }
            addAdditional(place, evaluated, all);
        }
        return all;
    }

    private static String at(String keyword, String name) {
        return keyword + "/" + SchemaDocument.escaped(name);
    }

    private static void addAdditional(Place place, boolean evaluated, List<Place> all) {
        for (String keyword : List.of("additionalProperties", "unevaluatedProperties")) {
            if (!evaluated && place.has(keyword)) {
                all.add(place.at(place.get(keyword), keyword));
            }
        }
    }

    /** Pairs whose names are none of those that are listed, one for each set of patterns. */
    private List<Term> others(
            Set<String> names, Term allowedNames, List<Place> places, List<Pattern> patterns) {
        if (patterns.size() > MOST_PATTERNS) {
            throw patterns.getFirst().place.unsupported(patterns.size() + " patternProperties");
        }
        Term unnamed =
                names.isEmpty()
                        ? terms.everything
                        : terms.not(terms.either(names.stream().map(json.inString::text).toList()));
        List<Term> pairs = new ArrayList<>();
        for (int set = 0; set < 1 << patterns.size(); set++) {
            List<Term> held = new ArrayList<>(List.of(allowedNames, unnamed));
            if (allowedNames != json.content) {
                held.add(json.content);
            }
            List<Place> schemas = new ArrayList<>();
            for (Place place : places) {
                boolean evaluated = false;
                for (int i = 0; i < patterns.size(); i++) {
                    Pattern pattern = patterns.get(i);
                    if (pattern.place == place && (set >> i & 1) == 1) {
                        schemas.add(
                                place.at(
                                        pattern.schema,
                                        at("patternProperties", pattern.expression)));
                        evaluated = true;
                    }
                }
                addAdditional(place, evaluated, schemas);
            }
            for (int i = 0; i < patterns.size(); i++) {
                Term matching = patterns.get(i).names;
                held.add((set >> i & 1) == 1 ? matching : terms.not(matching));
            }
            if (schemas.stream().anyMatch(ObjectSchemas::isNever)) {
                continue;
            }
            Term key = terms.both(held);
            if (derivatives.length(key) != Term.INFINITE) {
                pairs.add(json.pair(json.quoted(key), compiler.value(schemas)));
            }
        }
        return pairs;
    }

    private static boolean isNever(Place place) {
        return place.get("not") instanceof JsonObject not && not.isEmpty();
    }
}
