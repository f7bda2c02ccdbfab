package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Pieces of JSON as terms. Compact, with at most a space after {@code :} and {@code ,}, or with
 * white space wherever JSON allows it.
 */
final class JsonText {

    final Terms terms;
    final Encoding inString;
    final Decimals decimals;

    /** Any characters of a string, as they stand between the quotes. */
    final Term content;

    private final Term quote;
    private final Term comma;
    private final Term colon;
    private final Term space;

    JsonText(Terms terms, boolean freeSpace) {
        this.terms = terms;
        inString = Encoding.inJsonString(terms);
        decimals = new Decimals(terms);
        content = terms.repeat(inString.any(), 0, Term.INFINITE);
        quote = terms.text("\"");
        Term blank =
                terms.either(terms.text(" "), terms.text("\n"), terms.text("\r"), terms.text("\t"));
        space = freeSpace ? terms.repeat(blank, 0, Term.INFINITE) : terms.empty;
        Term after = freeSpace ? space : terms.optional(terms.text(" "));
        comma = terms.sequence(space, terms.text(","), after);
        colon = terms.sequence(space, terms.text(":"), after);
    }

    Term comma() {
        return comma;
    }

    Term quoted(Term text) {
        return terms.sequence(quote, text, quote);
    }

    Term pair(Term key, Term value) {
        return terms.sequence(key, colon, value);
    }

    Term open(String bracket) {
        return terms.sequence(terms.text(bracket), space);
    }

    Term close(String bracket) {
        return terms.sequence(space, terms.text(bracket));
    }

    /** Items in brackets, between {@code min} and {@code max} of them. */
    Term list(Term item, int min, int max) {
        if (max == 0) {
            return terms.sequence(open("["), terms.text("]"));
        }
        Term more =
                terms.repeat(
                        terms.sequence(comma, item),
                        Math.max(0, min - 1),
                        max == Term.INFINITE ? max : max - 1);
        Term some = terms.sequence(item, more, close("]"));
        return terms.sequence(open("["), min == 0 ? terms.either(some, terms.text("]")) : some);
    }

    /** Any JSON. */
    Term any() {
        return terms.deferred("any JSON", this::anyValue);
    }

    private Term anyValue() {
        return terms.either(
                quoted(content),
                decimals.number(),
                terms.text("true"),
                terms.text("false"),
                terms.text("null"),
                list(any(), 0, Term.INFINITE),
                anyObject());
    }

    Term anyObject() {
        Term pair = pair(quoted(content), any());
        Term more = terms.repeat(terms.sequence(comma, pair), 0, Term.INFINITE);
        return terms.sequence(
                open("{"), terms.either(terms.text("}"), terms.sequence(pair, more, close("}"))));
    }

    /** One value, its strings in every way to write them, its objects in their own order. */
    Term literal(JsonElement value) {
        if (value instanceof JsonArray array) {
            List<Term> parts = new ArrayList<>();
            parts.add(open("["));
            for (JsonElement item : array) {
                if (parts.size() > 1) {
                    parts.add(comma);
                }
                parts.add(literal(item));
            }
            parts.add(array.isEmpty() ? terms.text("]") : close("]"));
            return terms.sequence(parts);
        }
        if (value instanceof JsonObject object) {
            List<Term> parts = new ArrayList<>();
            parts.add(open("{"));
            for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
                if (parts.size() > 1) {
                    parts.add(comma);
                }
                parts.add(pair(string(entry.getKey()), literal(entry.getValue())));
            }
            parts.add(object.isEmpty() ? terms.text("}") : close("}"));
            return terms.sequence(parts);
        }
        if (value instanceof JsonPrimitive primitive && primitive.isString()) {
            return string(primitive.getAsString());
        }
        return terms.text(value.toString());
    }

    Term string(String text) {
        return quoted(inString.text(text));
    }
}
