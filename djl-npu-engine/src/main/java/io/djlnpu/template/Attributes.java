package io.djlnpu.template;

import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Function;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.Namespace;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Number;
import io.djlnpu.template.Value.Range;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import io.djlnpu.template.Value.View;
import java.math.BigInteger;
import java.util.Set;

/**
 * {@code value.name} and {@code value[key]}: the one looks at Python's attributes first and then at
 * the elements, the other the other way round. What the immutable sandbox forbids is undefined.
 */
final class Attributes {

    private static final Set<String> DUNDERS =
            Set.of(
                    "__class__",
                    "__doc__",
                    "__init__",
                    "__str__",
                    "__repr__",
                    "__eq__",
                    "__ne__",
                    "__lt__",
                    "__le__",
                    "__gt__",
                    "__ge__",
                    "__hash__",
                    "__dir__",
                    "__format__",
                    "__getattribute__",
                    "__setattr__",
                    "__delattr__",
                    "__new__",
                    "__reduce__",
                    "__reduce_ex__",
                    "__sizeof__",
                    "__init_subclass__",
                    "__subclasshook__");
    private static final Set<String> CONTAINER_DUNDERS =
            Set.of("__len__", "__iter__", "__contains__", "__getitem__");

    private final Budget budget;
    private final TextMethods texts;

    Attributes(Budget budget) {
        this.budget = budget;
        texts = new TextMethods(budget, this);
    }

    Value attribute(Value of, String name) {
        if (of instanceof Undefined undefined) {
            if (DUNDERS.contains(name)) {
                return forbidden(of, name);
            }
            throw undefined.used();
        }
        Value attribute = own(of, name);
        if (attribute != null) {
            return attribute;
        }
        Value element = of instanceof Dict dict ? dict.map().get(Text.of(name)) : null;
        return element == null ? missing(of, "attribute", name) : element;
    }

    Value item(Value of, Value key) {
        if (of instanceof Undefined undefined) {
            throw undefined.used();
        }
        BigInteger index = of instanceof Dict ? null : Sequences.index(key);
        Value element =
                switch (of) {
                    case Dict dict -> isHashable(key) ? dict.map().get(key) : null;
                    case Text text -> index == null ? null : Sequences.at(text, index);
                    case Items items -> index == null ? null : Sequences.at(items, index);
                    case Range range -> index == null ? null : Sequences.at(range, index);
                    default -> null;
                };
        if (element == null && key instanceof Text name) {
            element = own(of, name.string());
        }
        return element == null ? missing(of, "element", Printer.repr(key, budget)) : element;
    }

    private static boolean isHashable(Value key) {
        try {
            Types.hashable(key);
            return true;
        } catch (TemplateException e) {
            return false;
        }
    }

    private static Undefined missing(Value of, String what, String name) {
        return Undefined.of("'%s' has no %s %s".formatted(Types.name(of), what, name));
    }

    private static Undefined forbidden(Value of, String name) {
        return new Undefined(
                "access to attribute '%s' of '%s' object is unsafe".formatted(name, Types.name(of)),
                true);
    }

    /** Whether Python has such an attribute, forbidden or not. */
    boolean hasOwn(Value of, String name) {
        return own(of, name) != null;
    }

    /** Python's attribute of a value; null if it has none of that name. */
    private Value own(Value of, String name) {
        if (of instanceof Namespace namespace) {
            Value value = namespace.attributes().get(name);
            boolean unsafe = name.startsWith("_") && value != null || name.equals("__class__");
            return unsafe ? forbidden(of, name) : value;
        }
        if (DUNDERS.contains(name)
                || CONTAINER_DUNDERS.contains(name) && Sequences.lengthOrNone(of) >= 0) {
            return forbidden(of, name);
        }
        return switch (of) {
            case Text text -> texts.method(text, name);
            case Dict dict -> dictMethod(dict, name);
            case Items items -> listAttribute(items, name);
            case Number number -> numberAttribute(number, name);
            case Range range -> rangeAttribute(range, name);
            case View view -> name.equals("mapping") ? view.dict() : null;
            case Loop loop -> loop.attribute(name);
            case Macro macro -> macro.attribute(name);
            case Value.Cycler cycler -> cyclerAttribute(cycler, name);
            default -> null;
        };
    }

    private Value dictMethod(Dict dict, String name) {
        return switch (name) {
            case "get" ->
                    new Function(
                            name,
                            arguments -> {
                                Value[] bound = arguments.bindUnnamed(name, 1, 2);
                                Value value = dict.map().get(Types.hashable(bound[0]));
                                return value != null
                                        ? value
                                        : bound[1] == null ? None.NONE : bound[1];
                            });
            case "items" -> view(dict, name, View.Of.ITEMS);
            case "keys" -> view(dict, name, View.Of.KEYS);
            case "values" -> view(dict, name, View.Of.VALUES);
            case "copy" -> withoutArguments(name, dict);
            case "fromkeys" -> unavailable(name);
            case "clear", "pop", "popitem", "setdefault", "update" -> forbidden(dict, name);
            default -> null;
        };
    }

    private static Function view(Dict dict, String name, View.Of of) {
        return withoutArguments(name, new View(of, dict));
    }

    private static Function withoutArguments(String name, Value result) {
        return new Function(
                name,
                arguments -> {
                    arguments.bindUnnamed(name, 0, 0);
                    return result;
                });
    }

    static Function unavailable(String name) {
        return new Function(
                name,
                arguments -> {
                    throw TemplateException.unknown(0, "'" + name + "()' is not offered here");
                });
    }

    private Value listAttribute(Items items, String name) {
        return switch (name) {
            case "count" ->
                    new Function(
                            name,
                            arguments -> {
                                Value sought = arguments.bindUnnamed(name, 1, 1)[0];
                                budget.work(items.list().size());
                                return Int.of(items.list().stream().filter(sought::equals).count());
                            });
            case "index" -> new Function(name, arguments -> index(items, arguments));
            case "copy" -> items.isTuple() ? null : withoutArguments(name, items);
            case "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" ->
                    items.isTuple() ? null : forbidden(items, name);
            case "grouper" -> items.kind() == Value.Kind.GROUP ? items.list().get(0) : null;
            case "list" -> items.kind() == Value.Kind.GROUP ? items.list().get(1) : null;
            default -> null;
        };
    }

    private Value index(Items items, Arguments arguments) {
        Value[] bound = arguments.bindUnnamed("index", 1, 3);
        Value part = Sequences.slice(items, bound[1], bound[2], null, budget);
        int at = ((Items) part).list().indexOf(bound[0]);
        budget.work(items.list().size());
        if (at < 0) {
            throw TemplateException.value("index(): the value is not in the list");
        }
        int from = bound[1] == null ? 0 : Types.integer(bound[1], "index()");
        int size = items.list().size();
        return Int.of(at + (long) Math.clamp(from < 0 ? from + size : from, 0, size));
    }

    private static Value numberAttribute(Number number, String name) {
        return switch (name) {
            case "real" ->
                    Numbers.integer(number) instanceof BigInteger whole ? new Int(whole) : number;
            case "imag" -> number instanceof Value.Real ? new Value.Real(0) : Int.of(0);
            case "numerator", "denominator" -> {
                BigInteger integer = Numbers.integer(number);
                yield integer == null
                        ? null
                        : name.equals("numerator") ? new Int(integer) : Int.of(1);
            }
            case "is_integer" ->
                    number instanceof Value.Real real
                            ? withoutArguments(
                                    name,
                                    Value.Bool.of(
                                            Double.isFinite(real.value())
                                                    && real.value() == Math.rint(real.value())))
                            : null;
            case "bit_length" ->
                    Numbers.integer(number) instanceof BigInteger integer
                            ? withoutArguments(name, Int.of(integer.abs().bitLength()))
                            : null;
            case "conjugate" -> withoutArguments(name, number);
            case "as_integer_ratio", "hex", "fromhex", "to_bytes", "from_bytes", "bit_count" ->
                    unavailable(name);
            default -> null;
        };
    }

    private static Value rangeAttribute(Range range, String name) {
        return switch (name) {
            case "start" -> Int.of(range.start());
            case "stop" -> Int.of(range.stop());
            case "step" -> Int.of(range.step());
            case "count", "index" -> unavailable(name);
            default -> null;
        };
    }

    private static Value cyclerAttribute(Value.Cycler cycler, String name) {
        return switch (name) {
            case "current" -> cycler.values.get(cycler.at);
            case "pos" -> Int.of(cycler.at);
            case "items" -> new Items(cycler.values, Value.Kind.TUPLE);
            case "next" ->
                    new Function(
                            name,
                            arguments -> {
                                arguments.bindUnnamed(name, 0, 0);
                                Value value = cycler.values.get(cycler.at);
                                cycler.at = (cycler.at + 1) % cycler.values.size();
                                return value;
                            });
            case "reset" ->
                    new Function(
                            name,
                            arguments -> {
                                arguments.bindUnnamed(name, 0, 0);
                                cycler.at = 0;
                                return None.NONE;
                            });
            default -> null;
        };
    }
}
