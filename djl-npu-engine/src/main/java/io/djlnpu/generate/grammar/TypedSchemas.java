package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.generate.grammar.Decimals.Bound;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A conjunction of schemas without references or choices, type by type. */
final class TypedSchemas {

    private static final int MAX_DIVISOR = 20_000;

    private final JsonSchemaCompiler compiler;
    private final JsonText json;
    private final Terms terms;
    private final ObjectSchemas objects;
    private final ArraySchemas arrays;

    TypedSchemas(JsonSchemaCompiler compiler, JsonText json, Derivatives derivatives) {
        this.compiler = compiler;
        this.json = json;
        terms = json.terms;
        objects = new ObjectSchemas(compiler, this, json, derivatives);
        arrays = new ArraySchemas(compiler, json);
    }

    Term compile(List<Place> places) {
        Set<JsonTypes> types = JsonTypes.all();
        List<Place> rest = new ArrayList<>();
        List<Exclusion> exclusions = new ArrayList<>();
        List<List<JsonElement>> enumerations = new ArrayList<>();
        for (Place place : places) {
            types.retainAll(JsonTypes.of(place));
            Place at = place;
            if (at.has("not")) {
                exclusions.addAll(Exclusion.of(at.at(at.get("not"), "not")));
                at = at.without("not");
            }
            if (at.has("const")) {
                enumerations.add(List.of(at.get("const")));
                at = at.without("const");
            }
            if (at.has("enum")) {
                enumerations.add(JsonSchemaCompiler.array(at, "enum").asList());
                at = at.without("enum");
            }
            rest.add(at);
        }
        exclusions.forEach(exclusion -> exclusion.narrow(types));
        if (!enumerations.isEmpty()) {
            return constants(enumerations, types, rest, exclusions);
        }
        List<Term> choices = new ArrayList<>();
        for (JsonTypes type : types) {
            choices.add(excluded(ofType(type, types, rest, exclusions), type, exclusions));
        }
        return terms.either(choices);
    }

    private Term constants(
            List<List<JsonElement>> enumerations,
            Set<JsonTypes> types,
            List<Place> rest,
            List<Exclusion> exclusions) {
        Set<JsonElement> values = new java.util.LinkedHashSet<>(enumerations.getFirst());
        enumerations.forEach(values::retainAll);
        terms.budget.take(values.size());
        List<Term> choices = new ArrayList<>();
        for (JsonElement value : values) {
            JsonTypes type = JsonTypes.of(value);
            if (types.contains(type)
                    && exclusions.stream().noneMatch(e -> e.values().contains(value))
                    && (plain(rest, type)
                            || compiler.accepts(
                                    ofType(type, EnumSet.of(type), rest, exclusions), value))) {
                choices.add(json.literal(value));
            }
        }
        return terms.either(choices);
    }

    /** Whether nothing but the type constrains scalars. */
    private static boolean plain(List<Place> rest, JsonTypes type) {
        return type != JsonTypes.OBJECT
                && type != JsonTypes.ARRAY
                && rest.stream()
                        .allMatch(
                                place ->
                                        place.schema().keySet().stream()
                                                .noneMatch(SCALAR::contains));
    }

    private static final Set<String> SCALAR =
            Set.of(
                    "minLength",
                    "maxLength",
                    "pattern",
                    "format",
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "multipleOf");

    private Term ofType(
            JsonTypes type, Set<JsonTypes> types, List<Place> rest, List<Exclusion> exclusions) {
        return switch (type) {
            case STRING -> json.quoted(characters(rest));
            case INTEGER -> types.contains(JsonTypes.FRACTION) ? terms.nothing : number(rest, true);
            case FRACTION -> number(rest, false);
            case BOOLEAN -> terms.either(terms.text("true"), terms.text("false"));
            case NULL -> terms.text("null");
            case ARRAY -> arrays.compile(rest);
            case OBJECT -> objects.compile(rest, exclusions);
        };
    }

    private Term excluded(Term term, JsonTypes type, List<Exclusion> exclusions) {
        Term result = term;
        for (Exclusion exclusion : exclusions) {
            for (JsonElement value : exclusion.values()) {
                boolean same = JsonTypes.of(value) == type;
                boolean anyNumber = type == JsonTypes.FRACTION && isNumber(value);
                if (anyNumber || same && (type == JsonTypes.ARRAY || type == JsonTypes.OBJECT)) {
                    throw exclusion.place().unsupported("not with the value " + value);
                }
                if (same) {
                    Term out = json.literal(value);
                    if (type == JsonTypes.INTEGER && value.getAsBigDecimal().signum() == 0) {
                        out = terms.either(out, terms.text("-0"));
                    }
                    result = terms.both(result, terms.not(out));
                }
            }
        }
        return result;
    }

    private static boolean isNumber(JsonElement value) {
        return value instanceof JsonPrimitive primitive && primitive.isNumber();
    }

    /** What may stand between the quotes. */
    Term characters(List<Place> places) {
        int min = 0;
        int max = Term.INFINITE;
        List<Term> held = new ArrayList<>();
        for (Place place : places) {
            min = Math.max(min, place.count("minLength", 0));
            max = Math.min(max, place.count("maxLength", Term.INFINITE));
            if (place.get("format") instanceof JsonPrimitive format) {
                Formats.expression(format.getAsString())
                        .ifPresent(e -> held.add(RegularExpression.whole(e, json.inString)));
            }
            if (place.has("pattern")) {
                if (!(place.get("pattern") instanceof JsonPrimitive pattern)) {
                    throw place.malformed("pattern", "an expression");
                }
                try {
                    held.add(RegularExpression.anywhere(pattern.getAsString(), json.inString));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(
                            "JSON schema, %s: %s".formatted(place.pointer(), e.getMessage()), e);
                }
            }
        }
        if (min > max) {
            return terms.nothing;
        }
        if (held.isEmpty() || min > 0 || max < Term.INFINITE) {
            held.add(terms.repeat(json.inString.any(), min, max));
        }
        return terms.both(held);
    }

    private Term number(List<Place> places, boolean whole) {
        Optional<Bound> least = Optional.empty();
        Optional<Bound> most = Optional.empty();
        List<Term> held = new ArrayList<>();
        int places10 = -1;
        for (Place place : places) {
            least = tighter(least, bound(place, "minimum", "exclusiveMinimum"), 1);
            most = tighter(most, bound(place, "maximum", "exclusiveMaximum"), -1);
            Optional<BigDecimal> divisor = place.number("multipleOf");
            if (divisor.isEmpty()) {
                continue;
            }
            BigDecimal value = divisor.get().stripTrailingZeros();
            if (value.signum() <= 0) {
                throw place.malformed("multipleOf", "a number above 0");
            }
            if (value.scale() <= 0 && value.compareTo(BigDecimal.valueOf(MAX_DIVISOR)) <= 0) {
                held.add(json.decimals.multiples(value.intValueExact()));
            } else if (value.scale() > 0 && value.unscaledValue().intValue() == 1) {
                places10 = places10 < 0 ? value.scale() : Math.min(places10, value.scale());
            } else if (whole && value.scale() > 0) {
                // k * 10^-n divides a whole number m if k / gcd(k, 10^n) divides it
                java.math.BigInteger power = java.math.BigInteger.TEN.pow(value.scale());
                java.math.BigInteger k = value.unscaledValue();
                java.math.BigInteger reduced = k.divide(k.gcd(power));
                if (reduced.bitLength() > 14) {
                    throw place.unsupported("multipleOf " + value);
                }
                held.add(json.decimals.multiples(reduced.intValueExact()));
            } else {
                throw place.unsupported("multipleOf " + value + " of numbers that are not whole");
            }
        }
        if (least.isPresent() || most.isPresent()) {
            held.add(json.decimals.between(least, most));
        }
        if (whole) {
            held.add(json.decimals.integer());
        } else if (places10 > 0) {
            held.add(json.decimals.decimal(places10));
        } else {
            held.add(held.isEmpty() ? json.decimals.number() : json.decimals.decimal());
        }
        return terms.both(held);
    }

    private static Optional<Bound> bound(Place place, String inclusive, String exclusive) {
        Optional<Bound> bound = place.number(inclusive).map(v -> new Bound(v, false));
        if (place.get(exclusive) instanceof JsonPrimitive flag && flag.isBoolean()) {
            return bound.map(b -> new Bound(b.value(), flag.getAsBoolean())); // draft 4
        }
        Optional<Bound> strict = place.number(exclusive).map(v -> new Bound(v, true));
        return tighter(bound, strict, inclusive.equals("minimum") ? 1 : -1);
    }

    /** The greater of two if {@code sign} is 1, the less if it is -1; of equals the strict one. */
    private static Optional<Bound> tighter(Optional<Bound> a, Optional<Bound> b, int sign) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        int order = sign * a.get().value().compareTo(b.get().value());
        return order > 0 || order == 0 && a.get().strict() ? a : b;
    }

    /** What a schema must not be, as far as it can be held to. */
    record Exclusion(
            Place place, List<JsonElement> values, Set<JsonTypes> types, List<String> names) {

        static List<Exclusion> of(Place not) {
            List<Exclusion> result = new ArrayList<>();
            Set<String> words = new java.util.TreeSet<>(not.schema().keySet());
            words.removeAll(Set.of("title", "description", "$comment"));
            if (words.isEmpty()) {
                result.add(new Exclusion(not, List.of(), JsonTypes.all(), List.of()));
            } else if (words.equals(Set.of("anyOf"))) {
                JsonArray parts = JsonSchemaCompiler.array(not, "anyOf");
                for (int i = 0; i < parts.size(); i++) {
                    result.addAll(of(not.at(parts.get(i), "anyOf/" + i)));
                }
            } else if (words.equals(Set.of("not"))) {
                throw not.unsupported("not of not");
            } else if (words.equals(Set.of("const"))) {
                result.add(new Exclusion(not, List.of(not.get("const")), Set.of(), List.of()));
            } else if (words.equals(Set.of("enum"))) {
                List<JsonElement> values = JsonSchemaCompiler.array(not, "enum").asList();
                result.add(new Exclusion(not, values, Set.of(), List.of()));
            } else if (words.equals(Set.of("type"))) {
                result.add(new Exclusion(not, List.of(), JsonTypes.of(not), List.of()));
            } else if (words.equals(Set.of("required"))) {
                List<String> names = JsonSchemaCompiler.names(not.get("required"), not, "required");
                if (names.size() != 1) {
                    throw not.unsupported("not of several required properties");
                }
                Set<JsonTypes> others = JsonTypes.all();
                others.remove(JsonTypes.OBJECT);
                result.add(new Exclusion(not, List.of(), others, names));
            } else {
                throw not.unsupported("not of " + words);
            }
            return result;
        }

        void narrow(Set<JsonTypes> left) {
            // without whole numbers there is no saying "number that is not whole"
            if (types.contains(JsonTypes.INTEGER)
                    && !types.contains(JsonTypes.FRACTION)
                    && left.contains(JsonTypes.FRACTION)) {
                throw place.unsupported("not of integer beside numbers");
            }
            left.removeAll(types);
        }
    }

    static JsonObject empty() {
        return new JsonObject();
    }
}
