package io.djlnpu.template;

import io.djlnpu.template.Expression.Arithmetic;
import io.djlnpu.template.Expression.Comparison;
import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import java.math.BigInteger;
import java.util.Map;
import java.util.Set;

/** What may stand behind {@code is}. */
final class Tests {

    private static final Map<String, Comparison> COMPARISONS =
            Map.ofEntries(
                    Map.entry("==", Comparison.EQUAL),
                    Map.entry("eq", Comparison.EQUAL),
                    Map.entry("equalto", Comparison.EQUAL),
                    Map.entry("!=", Comparison.NOT_EQUAL),
                    Map.entry("ne", Comparison.NOT_EQUAL),
                    Map.entry(">", Comparison.GREATER),
                    Map.entry("gt", Comparison.GREATER),
                    Map.entry("greaterthan", Comparison.GREATER),
                    Map.entry(">=", Comparison.GREATER_OR_EQUAL),
                    Map.entry("ge", Comparison.GREATER_OR_EQUAL),
                    Map.entry("<", Comparison.LESS),
                    Map.entry("lt", Comparison.LESS),
                    Map.entry("lessthan", Comparison.LESS),
                    Map.entry("<=", Comparison.LESS_OR_EQUAL),
                    Map.entry("le", Comparison.LESS_OR_EQUAL),
                    Map.entry("in", Comparison.IN));

    private static final Set<String> OF_ONE =
            Set.of(
                    "odd",
                    "even",
                    "defined",
                    "undefined",
                    "filter",
                    "test",
                    "none",
                    "boolean",
                    "false",
                    "true",
                    "integer",
                    "float",
                    "lower",
                    "upper",
                    "string",
                    "mapping",
                    "number",
                    "sequence",
                    "iterable",
                    "callable",
                    "escaped");

    private static final Set<String> OF_TWO = Set.of("divisibleby", "sameas");

    private final Operators operators;
    private final Budget budget;

    Tests(Operators operators, Budget budget) {
        this.operators = operators;
        this.budget = budget;
    }

    static boolean exists(String name) {
        return OF_ONE.contains(name) || OF_TWO.contains(name) || COMPARISONS.containsKey(name);
    }

    boolean holds(String name, Value value, Arguments arguments) {
        if (COMPARISONS.get(name) instanceof Comparison comparison) {
            return operators.compare(comparison, value, arguments.bind(name, 1, "other")[0]);
        }
        if (name.equals("sameas")) {
            return isSame(value, arguments.bind(name, 1, "other")[0]);
        }
        if (name.equals("divisibleby")) {
            return isZero(rest(value, arguments.bind(name, 1, "num")[0]));
        }
        arguments.bind(name, 0);
        return switch (name) {
            case "odd" -> rest(value, Int.of(2)).equals(Int.of(1));
            case "even" -> isZero(rest(value, Int.of(2)));
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "filter" ->
                    Types.hashable(value) instanceof Text text && Filters.isKnown(text.string());
            case "test" -> Types.hashable(value) instanceof Text text && exists(text.string());
            case "none" -> value == None.NONE;
            case "boolean" -> value instanceof Bool;
            case "false" -> value instanceof Bool truth && !truth.is();
            case "true" -> value instanceof Bool truth && truth.is();
            case "integer" -> value instanceof Int;
            case "float" -> value instanceof Value.Real;
            case "lower" -> Texts.isLower(Printer.str(value, budget));
            case "upper" -> Texts.isUpper(Printer.str(value, budget));
            case "string" -> value instanceof Text;
            case "mapping" -> value instanceof Value.Dict;
            case "number" -> value instanceof Value.Number;
            case "sequence" ->
                    Sequences.lengthOrNone(value) >= 0
                            && !(value instanceof Value.View)
                            && !(value instanceof Value.LoopState);
            case "iterable" -> isIterable(value);
            case "callable" ->
                    value instanceof Value.Function
                            || value instanceof Value.Callable
                            || value instanceof Value.LoopState
                            || value instanceof Undefined;
            case "escaped" -> value instanceof Text text && text.markup();
            default -> throw TemplateException.unknown(0, "unknown test '" + name + "'");
        };
    }

    private Value rest(Value value, Value by) {
        return operators.arithmetic(Arithmetic.MODULO, value, by);
    }

    private static boolean isZero(Value value) {
        return value.equals(Int.of(0));
    }

    private boolean isIterable(Value value) {
        return Sequences.iteratorOrNull(value, budget) != null;
    }

    /** Python keeps one object for each of the small integers. */
    private static boolean isSame(Value one, Value other) {
        if (one instanceof Int a && other instanceof Int b) {
            BigInteger value = a.value();
            boolean small = value.bitLength() <= 9 && value.intValue() >= -5;
            return value.equals(b.value()) && small && value.intValue() <= 256;
        }
        if (one instanceof Bool && other instanceof Bool) {
            return one.equals(other);
        }
        if (one instanceof Text a && other instanceof Text b) {
            return a.string().equals(b.string()) && a.markup() == b.markup();
        }
        return one == other;
    }
}
