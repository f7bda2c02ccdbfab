package io.djlnpu.template;

import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Text;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Python's format specifications, {@code [[fill]align][sign][#][0][width][,][.precision][type]}.
 */
final class FormatSpec {

    private static final int MAX_WIDTH = 100_000;
    private static final Pattern FORM =
            Pattern.compile(
                    "(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\\d{1,6})?([,_])?(?:\\.(\\d{1,6}))?([a-zA-Z%])?",
                    Pattern.DOTALL);

    private FormatSpec() {}

    static String format(Value value, String spec, Budget budget) {
        if (spec.isEmpty()) {
            return Printer.str(value, budget);
        }
        Matcher form = FORM.matcher(spec);
        if (!form.matches()) {
            throw TemplateException.value("format specification '" + spec + "' is not known");
        }
        int width = form.group(6) == null ? 0 : number(form.group(6), budget);
        int precision = form.group(8) == null ? -1 : number(form.group(8), budget);
        String type = form.group(9) == null ? "" : form.group(9);
        String align = form.group(2);
        String fill = form.group(1);
        if (form.group(5) != null) {
            fill = fill == null ? "0" : fill;
            align = align == null && value instanceof Value.Number ? "=" : align;
        }
        String body;
        String sign = "";
        switch (value) {
            case Text text -> {
                boolean fits = type.isEmpty() || type.equals("s");
                if (!fits || form.group(3) != null || "=".equals(align)) {
                    throw wrong(spec, value);
                }
                body =
                        precision < 0
                                ? text.string()
                                : Texts.sub(
                                        text.string(),
                                        0,
                                        Math.min(precision, Texts.length(text.string())));
                align = align == null ? "<" : align;
            }
            case Value.Number number -> {
                if (number instanceof Bool && (type.isEmpty() || type.equals("s"))) {
                    body = Printer.str(number, budget);
                    align = align == null ? "<" : align;
                    break;
                }
                String digits =
                        digits(number, type, precision, form.group(4) != null, spec, budget);
                boolean negative = digits.startsWith("-");
                body = negative ? digits.substring(1) : digits;
                sign = negative ? "-" : signOf(form.group(3));
                if (form.group(7) != null) {
                    body = grouped(body, form.group(7));
                }
                align = align == null ? ">" : align;
            }
            default -> throw wrong(spec, value);
        }
        return padded(sign, body, align, fill == null ? " " : fill, width);
    }

    private static int number(String digits, Budget budget) {
        int number = Integer.parseInt(digits);
        if (number > MAX_WIDTH) {
            budget.text(-1);
        }
        budget.text(number);
        return number;
    }

    private static TemplateException wrong(String spec, Value value) {
        return TemplateException.value(
                "format specification '%s' does not fit a %s".formatted(spec, Types.name(value)));
    }

    private static String signOf(String flag) {
        return flag == null || flag.equals("-") ? "" : flag;
    }

    private static String padded(String sign, String body, String align, String fill, int width) {
        int more = width - Texts.length(sign + body);
        if (more <= 0) {
            return sign + body;
        }
        return switch (align) {
            case "<" -> sign + body + fill.repeat(more);
            case "=" -> sign + fill.repeat(more) + body;
            case "^" -> fill.repeat(more / 2) + sign + body + fill.repeat(more - more / 2);
            default -> fill.repeat(more) + sign + body;
        };
    }

    private static String grouped(String body, String separator) {
        int end = 0;
        while (end < body.length() && Character.isDigit(body.charAt(end))) {
            end++;
        }
        return body.substring(0, end).replaceAll("(?<=\\d)(?=(\\d{3})+$)", separator)
                + body.substring(end);
    }

    private static String digits(
            Value.Number number,
            String type,
            int precision,
            boolean alternate,
            String spec,
            Budget budget) {
        BigInteger integer = Numbers.integer(number);
        boolean whole =
                type.isEmpty() && integer != null || "bcdoxXn".contains(type) && !type.isEmpty();
        if (whole) {
            if (integer == null || precision >= 0) {
                throw wrong(spec, number);
            }
            return integer(integer, type, alternate);
        }
        if (type.isEmpty() && precision < 0) {
            return Printer.str(number, budget);
        }
        return real(
                Numbers.real(number), type.isEmpty() ? "r" : type, precision < 0 ? 6 : precision);
    }

    static String integer(BigInteger integer, String type, boolean alternate) {
        return switch (type) {
            case "x" -> prefixed(integer, 16, alternate ? "0x" : "");
            case "X" -> Texts.upper(prefixed(integer, 16, alternate ? "0X" : ""));
            case "o" -> prefixed(integer, 8, alternate ? "0o" : "");
            case "b" -> prefixed(integer, 2, alternate ? "0b" : "");
            case "c" -> {
                if (integer.bitLength() > 21 || !Character.isValidCodePoint(integer.intValue())) {
                    throw TemplateException.value("%c: no character has this number");
                }
                yield Character.toString(integer.intValue());
            }
            default -> Numbers.print(integer);
        };
    }

    private static String prefixed(BigInteger integer, int radix, String prefix) {
        return (integer.signum() < 0 ? "-" : "") + prefix + integer.abs().toString(radix);
    }

    /** Writes a float as {@code e}, {@code f}, {@code g} or {@code %} say. */
    static String real(double value, String type, int precision) {
        boolean upper = Character.isUpperCase(type.charAt(0));
        if (!Double.isFinite(value)) {
            String name = Numbers.print(value) + (type.equals("%") ? "%" : "");
            return upper ? Texts.upper(name) : name;
        }
        BigDecimal exact = new BigDecimal(Math.abs(value));
        String sign = value < 0 || value == 0 && 1 / value < 0 ? "-" : "";
        String digits =
                switch (Texts.lower(type)) {
                    case "f" -> exact.setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
                    case "%" ->
                            new BigDecimal(Math.abs(value) * 100)
                                            .setScale(precision, RoundingMode.HALF_EVEN)
                                            .toPlainString()
                                    + "%";
                    case "e" -> exponential(exact, precision);
                    case "g", "n" -> general(exact, Math.max(1, precision), false);
                    case "r" -> general(exact, Math.max(1, precision), true);
                    default ->
                            throw TemplateException.value("format type '" + type + "' of a number");
                };
        return sign + (upper ? Texts.upper(digits) : digits);
    }

    private static String exponential(BigDecimal exact, int precision) {
        if (exact.signum() == 0) {
            return (precision == 0 ? "0" : "0." + "0".repeat(precision)) + "e+00";
        }
        BigDecimal rounded = exact.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        String digits = rounded.unscaledValue().toString();
        int exponent = digits.length() - rounded.scale() - 1;
        digits = digits.length() > precision + 1 ? digits.substring(0, precision + 1) : digits;
        digits += "0".repeat(precision + 1 - digits.length());
        return Numbers.scientific(digits, exponent, 'e');
    }

    private static String general(BigDecimal exact, int precision, boolean repr) {
        if (exact.signum() == 0) {
            return repr ? "0.0" : "0";
        }
        BigDecimal rounded =
                exact.round(new MathContext(precision, RoundingMode.HALF_EVEN))
                        .stripTrailingZeros();
        String digits = rounded.unscaledValue().toString();
        int exponent = digits.length() - rounded.scale() - 1;
        if (exponent < -4 || exponent >= precision + (repr ? -1 : 0)) {
            return Numbers.scientific(digits, exponent, 'e');
        }
        String plain = rounded.toPlainString();
        return repr && !plain.contains(".") ? plain + ".0" : plain;
    }
}
