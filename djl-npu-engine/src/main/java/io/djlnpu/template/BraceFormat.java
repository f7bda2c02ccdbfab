package io.djlnpu.template;

import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Text;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Python's {@code str.format}. */
final class BraceFormat {

    private final String format;
    private final Arguments arguments;
    private final Attributes attributes;
    private final Budget budget;
    private int at;
    private int automatic;
    private boolean numbered;

    BraceFormat(String format, Arguments arguments, Attributes attributes, Budget budget) {
        this.format = format;
        this.arguments = arguments;
        this.attributes = attributes;
        this.budget = budget;
    }

    static BraceFormat ofMap(String format, Value map, Attributes attributes, Budget budget) {
        if (!(map instanceof Dict dict)) {
            throw TemplateException.value("format_map() needs a mapping");
        }
        Map<String, Value> named = new HashMap<>();
        dict.map().forEach((k, v) -> named.put(Types.text(k, "format_map()"), v));
        return new BraceFormat(format, new Arguments(List.of(), named), attributes, budget);
    }

    String format() {
        StringBuilder out = new StringBuilder();
        while (at < format.length()) {
            char c = format.charAt(at++);
            boolean twice = at < format.length() && format.charAt(at) == c;
            if (c != '{' && c != '}') {
                out.append(c);
            } else if (twice) {
                out.append(c);
                at++;
            } else if (c == '}') {
                throw TemplateException.value("a single '}' in a format");
            } else {
                String field = field();
                budget.text(field.length());
                out.append(field);
            }
        }
        return out.toString();
    }

    private String upTo(String ends) {
        int from = at;
        int brackets = 0;
        while (at < format.length() && (brackets > 0 || ends.indexOf(format.charAt(at)) < 0)) {
            brackets += format.charAt(at) == '[' ? 1 : format.charAt(at) == ']' ? -1 : 0;
            at++;
        }
        if (at >= format.length()) {
            throw TemplateException.value("a '{' in a format without its '}'");
        }
        return format.substring(from, at);
    }

    private String field() {
        Value value = value(upTo("!:}"));
        if (format.charAt(at) == '!') {
            at++;
            value =
                    switch (upTo(":}")) {
                        case "s" -> Text.of(Printer.str(value, budget));
                        case "r" -> Text.of(Printer.repr(value, budget));
                        default -> throw TemplateException.value("a format's unknown conversion");
                    };
        }
        StringBuilder spec = new StringBuilder();
        if (format.charAt(at) == ':') {
            at++;
            spec.append(upTo("{}"));
            while (format.charAt(at) == '{') {
                at++;
                spec.append(Printer.str(value(upTo("}")), budget));
                at++;
                spec.append(upTo("{}"));
            }
        }
        at++;
        return FormatSpec.format(value, spec.toString(), budget);
    }

    private Value value(String name) {
        int end = 0;
        while (end < name.length() && ".[".indexOf(name.charAt(end)) < 0) {
            end++;
        }
        Value value = first(name.substring(0, end));
        while (end < name.length()) {
            if (name.charAt(end) == '.') {
                int from = end + 1;
                end = from;
                while (end < name.length() && ".[".indexOf(name.charAt(end)) < 0) {
                    end++;
                }
                value = attributes.attribute(value, name.substring(from, end));
            } else {
                int close = name.indexOf(']', end);
                if (close < 0) {
                    throw TemplateException.value("a '[' in a format without its ']'");
                }
                String key = name.substring(end + 1, close);
                value =
                        attributes.item(
                                value,
                                key.matches("\\d{1,9}")
                                        ? new Int(new BigInteger(key))
                                        : Text.of(key));
                end = close + 1;
            }
        }
        return value;
    }

    private Value first(String name) {
        Value value;
        if (name.isEmpty() || name.matches("\\d{1,9}")) {
            if (name.isEmpty() ? numbered : automatic > 0) {
                throw TemplateException.value("a format with and without numbers of its fields");
            }
            numbered |= !name.isEmpty();
            int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
            value =
                    index < arguments.positional().size()
                            ? arguments.positional().get(index)
                            : null;
        } else {
            value = arguments.named().get(name);
        }
        if (value == null) {
            throw TemplateException.value("the format's field '" + name + "' has no value");
        }
        return value;
    }
}
