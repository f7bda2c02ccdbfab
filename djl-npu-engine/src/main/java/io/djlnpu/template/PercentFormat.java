package io.djlnpu.template;

import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.Text;
import java.math.BigInteger;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code format % values}. */
final class PercentFormat {

    private static final Pattern FIELD =
            Pattern.compile(
                    "%(?:\\(([^()]*)\\))?([-+ #0]*)(\\*|\\d{1,6})?(?:\\.(\\*|\\d{0,6}))?[hlL]?(.)",
                    Pattern.DOTALL);

    private final Text format;
    private final Value values;
    private final List<Value> list;
    private final Budget budget;
    private int at;

    PercentFormat(Text format, Value values, Budget budget) {
        this.format = format;
        this.values = values;
        this.budget = budget;
        list = values instanceof Items items && items.isTuple() ? items.list() : List.of(values);
    }

    String format() {
        StringBuilder out = new StringBuilder();
        String text = format.string();
        budget.text(text.length());
        Matcher field = FIELD.matcher(text);
        int from = 0;
        boolean byName = false;
        for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', from)) {
            out.append(text, from, i);
            if (!field.region(i, text.length()).lookingAt()) {
                throw TemplateException.value("incomplete format: " + text.substring(i));
            }
            byName |= field.group(1) != null;
            field(field, out);
            from = field.end();
        }
        boolean mapping =
                values instanceof Dict
                        || values instanceof Items items && !items.isTuple()
                        || values instanceof Value.Range
                        || values instanceof Value.Undefined;
        if (!byName && !mapping && at < list.size()) {
            throw TemplateException.value("not all arguments are used by the format");
        }
        return out.append(text.substring(from)).toString();
    }

    private Value next() {
        if (at >= list.size()) {
            throw TemplateException.value("not enough arguments for the format");
        }
        return list.get(at++);
    }

    private Value named(String name) {
        Value value = values instanceof Dict dict ? dict.map().get(Text.of(name)) : null;
        if (value == null) {
            throw TemplateException.value(
                    values instanceof Dict
                            ? "the format's name '" + name + "' has no value"
                            : "the format needs a mapping");
        }
        return value;
    }

    private int size(String written) {
        if (written.isEmpty()) {
            return 0;
        }
        int size =
                written.equals("*")
                        ? Types.integer(next(), "the format's width")
                        : Integer.parseInt(written);
        budget.text(Math.max(0, size));
        return size;
    }

    private void field(Matcher field, StringBuilder out) {
        String flags = field.group(2);
        int width = field.group(3) == null ? 0 : size(field.group(3));
        int precision = field.group(4) == null ? -1 : size(field.group(4));
        String type = field.group(5);
        if (type.equals("%")) {
            out.append('%');
            return;
        }
        if ("srdiuxXoeEfFgGca".indexOf(type.charAt(0)) < 0) {
            throw TemplateException.value("unsupported format character '" + type + "'");
        }
        Value value = field.group(1) == null ? next() : named(field.group(1));
        String converted = converted(type, value, precision, flags);
        String sign = "";
        boolean number = "srca".indexOf(type.charAt(0)) < 0;
        if (number) {
            boolean negative = converted.startsWith("-");
            converted = negative ? converted.substring(1) : converted;
            sign = negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
        }
        boolean left = flags.contains("-") || width < 0;
        int more = Math.max(0, Math.abs(width) - Texts.length(sign + converted));
        boolean zeros = number && flags.contains("0") && !left;
        out.append(left || zeros ? "" : " ".repeat(more)).append(sign);
        out.append(zeros ? "0".repeat(more) : "").append(converted);
        out.append(left ? " ".repeat(more) : "");
    }

    private String converted(String type, Value value, int precision, String flags) {
        return switch (type) {
            case "s" -> cut(escaped(value, Printer.str(value, budget)), precision);
            case "r" -> cut(escaped(Text.EMPTY, Printer.repr(value, budget)), precision);
            case "a" -> cut(ascii(Printer.repr(value, budget)), precision);
            case "c" -> character(value);
            case "d", "i", "u", "x", "X", "o" -> integer(type, value, precision, flags);
            default -> {
                Value.Number number = number(type, value);
                yield FormatSpec.real(Numbers.real(number), type, precision < 0 ? 6 : precision);
            }
        };
    }

    private String escaped(Value value, String text) {
        boolean safe = value instanceof Text given && given.markup();
        return format.markup() && !safe ? Texts.escape(text) : text;
    }

    private static String cut(String text, int precision) {
        return precision < 0 ? text : Texts.sub(text, 0, Math.min(precision, Texts.length(text)));
    }

    private static String ascii(String text) {
        StringBuilder ascii = new StringBuilder();
        text.codePoints()
                .forEach(
                        c ->
                                ascii.append(
                                        c < 0x80
                                                ? Character.toString(c)
                                                : c < 0x100
                                                        ? "\\x%02x".formatted(c)
                                                        : c < 0x10000
                                                                ? "\\u%04x".formatted(c)
                                                                : "\\U%08x".formatted(c)));
        return ascii.toString();
    }

    private static String character(Value value) {
        if (value instanceof Text text && Texts.length(text.string()) == 1) {
            return text.string();
        }
        if (Sequences.index(value) instanceof BigInteger code) {
            return FormatSpec.integer(code, "c", false);
        }
        throw TemplateException.value("%c needs a number or one character");
    }

    private static Value.Number number(String type, Value value) {
        if (value instanceof Value.Undefined undefined) {
            throw undefined.used();
        }
        if (value instanceof Value.Number number) {
            return number;
        }
        throw TemplateException.value(
                "%%%s needs a number, found a %s".formatted(type, Types.name(value)));
    }

    private static String integer(String type, Value value, int precision, String flags) {
        Value.Number number = number(type, value);
        BigInteger integer = Numbers.integer(number);
        if (integer == null) {
            if (!"diu".contains(type)) {
                throw TemplateException.value("%" + type + " needs an integer, found a float");
            }
            integer = Numbers.truncate(Numbers.real(number));
        }
        String digits = FormatSpec.integer(integer.abs(), type, flags.contains("#"));
        int zeros = Math.max(0, precision - digits.length());
        return (integer.signum() < 0 ? "-" : "") + "0".repeat(zeros) + digits;
    }
}
