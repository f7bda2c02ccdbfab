package io.djlnpu.template;

import io.djlnpu.template.Expression.Arithmetic;
import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Real;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * What may stand behind {@code |}: values. Those of lists and of texts have classes of their own.
 */
final class Filters {

    private static final Set<String> OWN =
            Set.of(
                    "abs",
                    "attr",
                    "count",
                    "d",
                    "default",
                    "dictsort",
                    "filesizeformat",
                    "first",
                    "float",
                    "int",
                    "items",
                    "last",
                    "length",
                    "list",
                    "reverse",
                    "round",
                    "string",
                    "sum",
                    "tojson");

    /** Jinja2's, which no prompt needs and whose results depend on chance or large tables. */
    private static final Set<String> MISSING =
            Set.of("pprint", "random", "striptags", "urlize", "wordwrap");

    private final Operators operators;
    private final Attributes attributes;
    private final Budget budget;
    private final ListFilters lists;
    private final TextFilters texts;

    Filters(Operators operators, Attributes attributes, Tests tests, Budget budget) {
        this.operators = operators;
        this.attributes = attributes;
        this.budget = budget;
        lists = new ListFilters(this, tests, operators, attributes, budget);
        texts = new TextFilters(attributes, budget);
    }

    static boolean exists(String name) {
        return OWN.contains(name)
                || ListFilters.NAMES.contains(name)
                || TextFilters.NAMES.contains(name);
    }

    /** Whether Jinja2 has it, and this interpreter has not. */
    static boolean isMissing(String name) {
        return MISSING.contains(name);
    }

    static boolean isKnown(String name) {
        return exists(name) || isMissing(name);
    }

    Value apply(String name, Value value, Arguments arguments) {
        if (ListFilters.NAMES.contains(name)) {
            return lists.apply(name, value, arguments);
        }
        if (TextFilters.NAMES.contains(name)) {
            return texts.apply(name, value, arguments);
        }
        return switch (name) {
            case "abs" -> {
                arguments.bind(name, 0);
                if (!(value instanceof Value.Number number)) {
                    throw TemplateException.value("abs: a " + Types.name(value));
                }
                BigInteger integer = Numbers.integer(number);
                yield integer == null
                        ? new Real(Math.abs(Numbers.real(number)))
                        : new Int(integer.abs());
            }
            case "attr" -> {
                String attribute = Types.text(arguments.bind(name, 1, "name")[0], name);
                if (value instanceof Undefined undefined) {
                    throw undefined.used();
                }
                yield attributes.hasOwn(value, attribute)
                        ? attributes.attribute(value, attribute)
                        : Undefined.of(
                                "'%s' has no attribute '%s'"
                                        .formatted(Types.name(value), attribute));
            }
            case "count", "length" -> {
                arguments.bind(name, 0);
                yield Int.of(Sequences.length(value));
            }
            case "d", "default" -> {
                Value[] bound = arguments.bind(name, 0, "default_value", "boolean");
                boolean truth = bound[1] != null && Sequences.isTrue(bound[1]);
                boolean absent = value instanceof Undefined || truth && !Sequences.isTrue(value);
                yield !absent ? value : bound[0] == null ? Text.EMPTY : bound[0];
            }
            case "dictsort" -> dictSort(value, arguments);
            case "filesizeformat" -> fileSize(value, arguments);
            case "first" -> {
                arguments.bind(name, 0);
                Iterator<Value> values = Sequences.iterator(value, budget);
                yield values.hasNext()
                        ? values.next()
                        : Undefined.of("No first item, sequence was empty.");
            }
            case "last" -> {
                arguments.bind(name, 0);
                List<Value> values = reversible(value);
                yield values.isEmpty()
                        ? Undefined.of("No last item, sequence was empty.")
                        : values.getLast();
            }
            case "reverse" -> reverse(value, arguments);
            case "float" -> toReal(value, arguments);
            case "int" -> toInteger(value, arguments);
            case "items" -> items(value, arguments);
            case "list" -> {
                arguments.bind(name, 0);
                yield Items.list(Sequences.list(value, budget));
            }
            case "round" -> round(value, arguments);
            case "string" -> {
                arguments.bind(name, 0);
                yield value instanceof Text ? value : Text.of(Printer.str(value, budget));
            }
            case "sum" -> sum(value, arguments);
            case "tojson" ->
                    JsonWriter.write(
                            value,
                            arguments.bind(
                                    name, 0, "ensure_ascii", "indent", "separators", "sort_keys"),
                            operators,
                            budget);
            default -> throw TemplateException.unknown(0, "unknown filter '" + name + "'");
        };
    }

    private Value dictSort(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        boolean sensitive = bound[0] != null && Sequences.isTrue(bound[0]);
        String by = bound[1] == null ? "key" : Types.text(bound[1], "dictsort: by");
        if (!by.equals("key") && !by.equals("value")) {
            throw TemplateException.value("dictsort: by '" + by + "', expected key or value");
        }
        if (value instanceof Undefined undefined) {
            throw undefined.used();
        }
        if (!(value instanceof Dict dict)) {
            throw TemplateException.value("dictsort: a " + Types.name(value));
        }
        int at = by.equals("key") ? 0 : 1;
        List<Value> pairs = Sequences.list(new Value.View(Value.View.Of.ITEMS, dict), budget);
        return Items.list(
                operators.sorted(
                        pairs,
                        pair -> ListFilters.key(((Items) pair).list().get(at), sensitive),
                        bound[2] != null && Sequences.isTrue(bound[2])));
    }

    private Value fileSize(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("filesizeformat", 0, "binary");
        boolean binary = bound[0] != null && Sequences.isTrue(bound[0]);
        double bytes = Numbers.real(real(value));
        int base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return Text.of("1 Byte");
        }
        if (bytes < base) {
            return Text.of(Numbers.truncate(bytes) + " Bytes");
        }
        String prefixes = "kMGTPEZY";
        double unit = base;
        int i = 0;
        do {
            unit *= base;
        } while (bytes >= unit && ++i < prefixes.length());
        i = Math.min(i, prefixes.length() - 1);
        String number = FormatSpec.real(base * bytes / Math.pow(base, i + 2), "f", 1);
        String prefix = prefixes.substring(i, i + 1);
        return Text.of(number + " " + (binary ? Texts.upper(prefix) + "i" : prefix) + "B");
    }

    private static Real real(Value value) {
        Double real =
                switch (value) {
                    case Value.Number number -> Double.valueOf(Numbers.real(number));
                    case Text text -> Numbers.parseReal(text.string());
                    case Undefined undefined -> throw undefined.used();
                    default -> null;
                };
        if (real == null) {
            throw TemplateException.value("a " + Types.name(value) + " is no number");
        }
        return new Real(real);
    }

    private List<Value> reversible(Value value) {
        if (value instanceof Value.Stream || value instanceof Value.LoopState) {
            throw TemplateException.value("a " + Types.name(value) + " cannot be reversed");
        }
        return Sequences.list(value, budget);
    }

    private Value reverse(Value value, Arguments arguments) {
        arguments.bind("reverse", 0);
        if (value instanceof Text text) {
            budget.text(text.string().length());
            return text.like(new StringBuilder(text.string()).reverse().toString());
        }
        List<Value> reversed = Sequences.list(value, budget).reversed();
        return value instanceof Value.Stream
                ? Items.list(new ArrayList<>(reversed))
                : new Value.Stream("list_reverseiterator", reversed.iterator());
    }

    private static Value toReal(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("float", 0, "default");
        Value otherwise = bound[0] == null ? new Real(0) : bound[0];
        return switch (value) {
            case Value.Number number -> new Real(Numbers.real(number));
            case Text text -> {
                Double parsed = Numbers.parseReal(text.string());
                yield parsed == null ? otherwise : new Real(parsed);
            }
            case Undefined undefined -> throw undefined.used();
            default -> otherwise;
        };
    }

    private static Value toInteger(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("int", 0, "default", "base");
        Value otherwise = bound[0] == null ? Int.of(0) : bound[0];
        Double real = null;
        switch (value) {
            case Value.Number number -> {
                BigInteger integer = Numbers.integer(number);
                if (integer != null) {
                    return new Int(integer);
                }
                real = Numbers.real(number);
            }
            case Text text -> {
                int base = bound[1] == null ? 10 : Types.integer(bound[1], "int: base");
                if (base != 0 && (base < 2 || base > 36)) {
                    base = -1;
                }
                BigInteger parsed = base < 0 ? null : Numbers.parseInteger(text.string(), base);
                if (parsed != null) {
                    return new Int(parsed);
                }
                real = Numbers.parseReal(text.string());
            }
            case Undefined undefined -> throw undefined.used();
            default -> {}
        }
        if (real != null && real.isInfinite() && value instanceof Real) {
            throw TemplateException.value("int: infinity is no integer");
        }
        return real == null || !Double.isFinite(real) ? otherwise : new Int(Numbers.truncate(real));
    }

    private Value items(Value value, Arguments arguments) {
        arguments.bind("items", 0);
        return switch (value) {
            case Undefined undefined -> new Value.Stream("generator", List.<Value>of().iterator());
            case Dict dict -> {
                Value view = new Value.View(Value.View.Of.ITEMS, dict);
                yield new Value.Stream("generator", Sequences.list(view, budget).iterator());
            }
            default ->
                    // Python's is a generator, which refuses when it is gone through.
                    new Value.Stream(
                            "generator",
                            new Lazy(
                                    () -> {
                                        throw TemplateException.value(
                                                "items: a %s, expected a mapping"
                                                        .formatted(Types.name(value)));
                                    }));
        };
    }

    private static Value round(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("round", 0, "precision", "method");
        int precision = bound[0] == null ? 0 : Types.integer(bound[0], "round: precision");
        String method = bound[1] == null ? "common" : Types.text(bound[1], "round: method");
        if (!Set.of("common", "ceil", "floor").contains(method)) {
            throw TemplateException.value("round: method must be common, ceil or floor");
        }
        if (!(value instanceof Value.Number number)) {
            throw TemplateException.value("round: a " + Types.name(value));
        }
        if (method.equals("common")) {
            return Numbers.round(number, precision);
        }
        double factor = Math.pow(10, precision);
        double scaled = Numbers.real(number) * factor;
        double whole = method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled);
        return new Real(Numbers.truncate(whole).doubleValue() / factor);
    }

    private Value sum(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("sum", 0, "attribute", "start");
        Value sum = bound[1] == null ? Int.of(0) : bound[1];
        if (sum instanceof Text) {
            throw TemplateException.value("sum: texts cannot be summed, join them");
        }
        Iterator<Value> values = Sequences.iterator(value, budget);
        while (values.hasNext()) {
            budget.step();
            Value next = values.next();
            if (bound[0] != null && bound[0] != None.NONE) {
                next = lists.attribute(next, bound[0], null);
            }
            sum = operators.arithmetic(Arithmetic.ADD, sum, next);
        }
        return sum;
    }
}
