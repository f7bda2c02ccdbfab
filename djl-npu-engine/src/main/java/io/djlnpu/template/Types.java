package io.djlnpu.template;

import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.Text;
import java.math.BigInteger;

/** Names of types, and arguments that have to be of one. */
final class Types {

    private Types() {}

    /** Python's name of a value's type. */
    static String name(Value value) {
        return switch (value) {
            case Value.None none -> "NoneType";
            case Value.Bool truth -> "bool";
            case Value.Int integer -> "int";
            case Value.Real real -> "float";
            case Text text -> "str";
            case Items items -> items.isTuple() ? "tuple" : "list";
            case Value.Dict dict -> "dict";
            case Value.Range range -> "range";
            case Value.View view -> "dict_" + Texts.lower(view.of().name());
            case Value.Stream stream -> stream.type();
            case Value.Undefined undefined -> "Undefined";
            case Value.Namespace namespace -> "Namespace";
            case Value.Function function -> "function";
            case Value.Cycler cycler -> "Cycler";
            case Value.LoopState loop -> "LoopContext";
            case Value.Callable callable -> "Macro";
        };
    }

    /** A value that may be a key. */
    static Value hashable(Value value) {
        boolean may =
                switch (value) {
                    case Items items -> {
                        if (items.isTuple()) {
                            items.list().forEach(Types::hashable);
                        }
                        yield items.isTuple();
                    }
                    case Value.Dict dict -> false;
                    case Value.View view -> view.of() == Value.View.Of.VALUES;
                    default -> true;
                };
        if (!may) {
            throw TemplateException.value("unhashable type: '" + name(value) + "'");
        }
        return value;
    }

    static String text(Value value, String what) {
        if (value instanceof Text text) {
            return text.string();
        }
        throw expected(value, "a string", what);
    }

    static int integer(Value value, String what) {
        BigInteger integer = value instanceof Value.Number number ? Numbers.integer(number) : null;
        if (integer == null) {
            throw expected(value, "an integer", what);
        }
        if (integer.bitLength() > 31) {
            throw TemplateException.value(what + ": " + integer.bitLength() + " bits are too many");
        }
        return integer.intValue();
    }

    private static TemplateException expected(Value value, String type, String what) {
        return TemplateException.value("%s: a %s, expected %s".formatted(what, name(value), type));
    }
}
