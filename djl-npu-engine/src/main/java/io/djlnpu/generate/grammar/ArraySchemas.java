package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Arrays that hold to several schemas. */
final class ArraySchemas {

    /** Values of which each may come once. */
    private static final int MOST_UNIQUE = 60;

    private final JsonSchemaCompiler compiler;
    private final JsonText json;
    private final Terms terms;

    ArraySchemas(JsonSchemaCompiler compiler, JsonText json) {
        this.compiler = compiler;
        this.json = json;
        terms = json.terms;
    }

    Term compile(List<Place> places) {
        int min = 0;
        int max = Term.INFINITE;
        int leading = 0;
        Place unique = null;
        for (Place place : places) {
            min = Math.max(min, place.count("minItems", 0));
            max = Math.min(max, place.count("maxItems", Term.INFINITE));
            leading = Math.max(leading, prefix(place).size());
            unique = place.flag("uniqueItems") ? place : unique;
            if (place.has("unevaluatedItems")) {
                throw place.unsupported("keyword 'unevaluatedItems'");
            }
        }
        if (min > max) {
            return terms.nothing;
        }
        if (unique != null && max > 1) {
            return distinct(places, unique, min, max);
        }
        List<Term> first = new ArrayList<>();
        for (int i = 0; i < Math.min(leading, max); i++) {
            terms.budget.take(1);
            first.add(compiler.value(item(places, i)));
        }
        Term others = compiler.value(item(places, leading));
        return first.isEmpty() ? json.list(others, min, max) : tuple(first, others, min, max);
    }

    /** Items at the beginning each have a schema of their own. */
    private Term tuple(List<Term> first, Term others, int min, int max) {
        Term end = json.close("]");
        int left = first.size();
        Term after =
                terms.sequence(
                        terms.repeat(
                                terms.sequence(json.comma(), others),
                                Math.max(0, min - left),
                                max == Term.INFINITE ? max : max - left),
                        end);
        for (int i = left - 1; i >= 0; i--) {
            Term next = terms.sequence(i > 0 ? json.comma() : terms.empty, first.get(i), after);
            after = i < min ? next : terms.either(i > 0 ? end : terms.text("]"), next);
        }
        return terms.sequence(json.open("["), after);
    }

    private static List<JsonElement> prefix(Place place) {
        String keyword = place.get("items") instanceof JsonArray ? "items" : "prefixItems";
        return place.has(keyword) ? JsonSchemaCompiler.array(place, keyword).asList() : List.of();
    }

    private List<Place> item(List<Place> places, int index) {
        List<Place> all = new ArrayList<>();
        for (Place place : places) {
            List<JsonElement> prefix = prefix(place);
            String rest = place.get("items") instanceof JsonArray ? "additionalItems" : "items";
            if (index < prefix.size()) {
                all.add(place.at(prefix.get(index), "items/" + index));
            } else if (place.has(rest)) {
                all.add(place.at(place.get(rest), rest));
            }
        }
        return all;
    }

    /** Each of a few values at most once. */
    private Term distinct(List<Place> places, Place unique, int min, int max) {
        Set<JsonElement> values = null;
        for (Place item : item(places, 0)) {
            for (Place place : compiler.flat(item)) {
                if (place.get("enum") instanceof JsonArray list) {
                    Set<JsonElement> some = new LinkedHashSet<>(list.asList());
                    if (values != null) {
                        some.retainAll(values);
                    }
                    values = some;
                }
            }
        }
        boolean known = values != null && values.size() <= MOST_UNIQUE;
        boolean tuple = places.stream().anyMatch(place -> !prefix(place).isEmpty());
        if (!known || tuple || values.stream().anyMatch(v -> !v.isJsonPrimitive())) {
            throw unique.unsupported("keyword 'uniqueItems' but of a few constants");
        }
        Term schema = compiler.value(item(places, 0));
        List<Term> items =
                values.stream()
                        .filter(value -> compiler.accepts(schema, value))
                        .map(json::literal)
                        .toList();
        return terms.sequence(json.open("["), unused(items, 0, 0, min, max));
    }

    private Term unused(List<Term> items, long used, int count, int min, int max) {
        return terms.deferred(
                List.of("unused", items, used, min, max),
                () -> {
                    List<Term> choices = new ArrayList<>();
                    if (count >= min) {
                        choices.add(count == 0 ? terms.text("]") : json.close("]"));
                    }
                    for (int i = 0; i < items.size() && count < max; i++) {
                        if ((used >>> i & 1) == 0) {
                            choices.add(
                                    terms.sequence(
                                            count == 0 ? terms.empty : json.comma(),
                                            items.get(i),
                                            unused(items, used | 1L << i, count + 1, min, max)));
                        }
                    }
                    return terms.either(choices);
                });
    }
}
