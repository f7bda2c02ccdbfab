package io.djlnpu.template;

import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Real;
import io.djlnpu.template.Value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The filter {@code tojson}: Python's {@code json.dumps}. */
final class JsonWriter {

    private final Budget budget;
    private final Operators operators;
    private final boolean ascii;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;
    private final StringBuilder out = new StringBuilder();

    private JsonWriter(Value[] options, Operators operators, Budget budget) {
        this.budget = budget;
        this.operators = operators;
        ascii = options[0] != null && Sequences.isTrue(options[0]);
        indent =
                switch (options[1]) {
                    case null -> null;
                    case None none -> null;
                    case Text text -> text.string();
                    case Value other -> " ".repeat(width(other));
                };
        sorted = options[3] != null && Sequences.isTrue(options[3]);
        if (options[2] == null || options[2] == None.NONE) {
            itemSeparator = indent == null ? ", " : ",";
            keySeparator = ": ";
        } else {
            List<Value> both = Sequences.list(options[2], budget);
            if (both.size() != 2) {
                throw TemplateException.value("tojson: 'separators' is not a pair");
            }
            itemSeparator = Types.text(both.get(0), "tojson: separators");
            keySeparator = Types.text(both.get(1), "tojson: separators");
        }
    }

    private static int width(Value indent) {
        int width = Types.integer(indent, "tojson: indent");
        if (width > 1_000) {
            throw new TemplateException(
                    TemplateException.Kind.LIMIT, 0, "tojson: an indent of more than 1000");
        }
        return Math.max(0, width);
    }

    /**
     * Writes a value.
     *
     * @param options {@code ensure_ascii}, {@code indent}, {@code separators}, {@code sort_keys};
     *     null where not given
     */
    static Text write(Value value, Value[] options, Operators operators, Budget budget) {
        JsonWriter writer = new JsonWriter(options, operators, budget);
        writer.write(value, 0);
        return Text.of(writer.out.toString());
    }

    private void write(Value value, int level) {
        budget.step();
        int before = out.length();
        switch (value) {
            case None none -> out.append("null");
            case Bool truth -> out.append(truth.is());
            case Int integer -> out.append(Numbers.print(integer.value()));
            case Real real -> out.append(print(real.value()));
            case Text text -> {
                string(text.string());
                budget.text(out.length() - before);
            }
            case Items items -> list(items.list(), level);
            case Dict dict -> dict(dict.map(), level);
            default ->
                    throw TemplateException.value("tojson: a " + Types.name(value) + " is no JSON");
        }
    }

    private static String print(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        }
        return Numbers.print(value);
    }

    private void newLine(int level) {
        if (indent != null) {
            budget.text((long) indent.length() * level + 1);
            out.append('\n').append(indent.repeat(level));
        }
    }

    private void list(List<Value> values, int level) {
        if (values.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            out.append(i > 0 ? itemSeparator : "");
            newLine(level + 1);
            write(values.get(i), level + 1);
        }
        newLine(level);
        out.append(']');
    }

    private void dict(Map<Value, Value> map, int level) {
        if (map.isEmpty()) {
            out.append("{}");
            return;
        }
        List<Value> keys = new ArrayList<>(map.keySet());
        if (sorted) {
            keys = operators.sorted(keys, key -> key, false);
        }
        out.append('{');
        boolean first = true;
        for (Value key : keys) {
            out.append(first ? "" : itemSeparator);
            first = false;
            newLine(level + 1);
            string(key(key));
            out.append(keySeparator);
            write(map.get(key), level + 1);
        }
        newLine(level);
        out.append('}');
    }

    private static String key(Value key) {
        return switch (key) {
            case Text text -> text.string();
            case None none -> "null";
            case Bool truth -> truth.is() ? "true" : "false";
            case Int integer -> Numbers.print(integer.value());
            case Real real -> print(real.value());
            default -> throw TemplateException.value("tojson: a key that is a " + Types.name(key));
        };
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || ascii && c > '~') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
