package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Turns a JSON schema into a term whose every text the schema accepts. A value has to hold to
 * several schemas at once (those that references and {@code allOf} bring together), so that is what
 * is compiled: a conjunction, first freed of references and choices, then type by type.
 *
 * <p>What constrains and cannot be guaranteed is refused by name and place. What does not constrain
 * is left out of account.
 */
final class JsonSchemaCompiler {

    private final SchemaDocument document;
    private final Terms terms;
    private final JsonText json;
    private final Derivatives derivatives;
    private final TypedSchemas typed;
    private final Set<String> ignored = new TreeSet<>();
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    JsonSchemaCompiler(JsonObject root, JsonText json, Derivatives derivatives) {
        document = new SchemaDocument(root);
        terms = json.terms;
        this.json = json;
        this.derivatives = derivatives;
        typed = new TypedSchemas(this, json, derivatives);
    }

    /** Keywords that were not known and do not constrain. */
    Set<String> ignored() {
        return ignored;
    }

    Term compile() {
        try {
            Term root = value(roots());
            while (!waiting.isEmpty()) {
                waiting.remove().run();
                terms.budget.check();
            }
            return root;
        } catch (IllegalStateException
                | UnsupportedOperationException
                | ClassCastException
                | NumberFormatException e) {
            throw new IllegalArgumentException("not a JSON schema: " + e.getMessage(), e);
        }
    }

    /** The texts that hold to all of some schemas. Written out later, so that they may recur. */
    Term value(List<Place> places) {
        String key =
                places.stream()
                        .map(Place::pointer)
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(" & "));
        Term[] made = new Term[1];
        Term term =
                terms.deferred(
                        "schema " + key,
                        () -> {
                            if (made[0] == null) {
                                made[0] = conjunction(places);
                            }
                            return made[0];
                        });
        if (term.expansion == null && term.row == null && seen.add(term)) {
            waiting.add(() -> derivatives.expand(term));
        }
        return term;
    }

    private final Set<Term> seen = new HashSet<>();

    /** Who lists properties at the top without a type wants an object, and likewise a list. */
    private List<Place> roots() {
        Place root = document.root();
        if (root.has("type")) {
            return List.of(root);
        }
        boolean object = OBJECT_WORDS.stream().anyMatch(root::has);
        if (!object && !root.has("items") && !root.has("prefixItems")) {
            return List.of(root);
        }
        JsonObject type = new JsonObject();
        type.addProperty("type", object ? "object" : "array");
        return List.of(root, new Place(type, "# of a type"));
    }

    private static final List<String> OBJECT_WORDS =
            List.of("properties", "required", "patternProperties", "additionalProperties");

    /** What stands for itself: no longer deferred. */
    private Term conjunction(List<Place> places) {
        Map<String, Place> flat = new LinkedHashMap<>();
        for (Place place : places) {
            flatten(place, flat, new HashSet<>());
        }
        List<Place> all = new ArrayList<>(flat.values());
        for (int i = 0; i < all.size(); i++) {
            Place place = all.get(i);
            SchemaKeywords.check(place, ignored);
            List<List<Place>> choices = Choices.of(place, this);
            if (choices != null) {
                List<Place> rest = new ArrayList<>(all);
                rest.remove(i);
                List<Term> terms = new ArrayList<>();
                for (List<Place> choice : choices) {
                    List<Place> branch = new ArrayList<>(rest);
                    branch.addAll(choice);
                    terms.add(value(branch));
                }
                return this.terms.either(terms);
            }
        }
        return typed.compile(all);
    }

    private void flatten(Place place, Map<String, Place> flat, Set<String> open) {
        Place at = place;
        if (at.has("$ref")) {
            Place target = document.resolve(at);
            if (!open.add(at.pointer())) {
                throw at.unsupported("a reference to itself");
            }
            flatten(target, flat, open);
            open.remove(at.pointer());
            if (document.referencesStandAlone) {
                return;
            }
            at = at.without("$ref");
        }
        if (at.has("allOf")) {
            JsonArray all = array(at, "allOf");
            for (int i = 0; i < all.size(); i++) {
                flatten(at.at(all.get(i), "allOf/" + i), flat, open);
            }
            at = at.without("allOf");
        }
        flat.put(at.pointer(), at);
    }

    static JsonArray array(Place place, String keyword) {
        if (place.get(keyword) instanceof JsonArray array) {
            return array;
        }
        throw place.malformed(keyword, "a list");
    }

    /** Whether a text of JSON holds to a term. */
    boolean accepts(Term term, JsonElement value) {
        Term at = term;
        for (byte b : utf8(value)) {
            at = derivatives.row(at)[b & 0xFF];
        }
        return at.nullable;
    }

    private static byte[] utf8(JsonElement value) {
        return value.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Whether no value can hold to both of two schemas, for what is easily seen. */
    boolean apart(Place a, Place b) {
        return Disjoint.are(flat(a), flat(b), this, 4);
    }

    List<Place> flat(Place place) {
        Map<String, Place> flat = new LinkedHashMap<>();
        flatten(place, flat, new HashSet<>());
        return new ArrayList<>(flat.values());
    }

    static List<String> names(JsonElement list, Place place, String keyword) {
        List<String> names = new ArrayList<>();
        if (!(list instanceof JsonArray array)) {
            throw place.malformed(keyword, "a list of names");
        }
        for (JsonElement name : array) {
            if (!(name instanceof JsonPrimitive text) || !text.isString()) {
                throw place.malformed(keyword, "a list of names");
            }
            names.add(text.getAsString());
        }
        return names;
    }
}
