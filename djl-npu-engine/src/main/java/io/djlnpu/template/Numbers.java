package io.djlnpu.template;

import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Real;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** Python's numbers: integers of any size, floats printed as {@code repr} does. */
final class Numbers {

    private static final int MAX_DIGITS = 4_300;

    private Numbers() {}

    /** The integer that a truth or an integer is; null for a float. */
    static BigInteger integer(Value.Number number) {
        return switch (number) {
            case Bool truth -> truth.is() ? BigInteger.ONE : BigInteger.ZERO;
            case Int integer -> integer.value();
            case Real real -> null;
        };
    }

    static double real(Value.Number number) {
        if (number instanceof Real real) {
            return real.value();
        }
        double value = integer(number).doubleValue();
        if (Double.isInfinite(value)) {
            throw TemplateException.value("int too large to convert to float");
        }
        return value;
    }

    static boolean areEqual(Value.Number number, Object other) {
        return other instanceof Value.Number more && compare(number, more) == 0;
    }

    static int hash(Value.Number number) {
        BigInteger integer = integer(number);
        if (integer != null) {
            return integer.hashCode();
        }
        double value = ((Real) number).value();
        return Double.isFinite(value) && value == Math.rint(value)
                ? new BigDecimal(value).toBigInteger().hashCode()
                : Double.hashCode(value);
    }

    /** -1, 0, 1; or 2 if one is not a number, which is neither less, equal nor greater. */
    static int compare(Value.Number left, Value.Number right) {
        BigInteger l = integer(left);
        BigInteger r = integer(right);
        if (l != null && r != null) {
            return l.compareTo(r);
        }
        double a = l == null ? ((Real) left).value() : l.doubleValue();
        double b = r == null ? ((Real) right).value() : r.doubleValue();
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return 2;
        }
        if (l == null && Double.isInfinite(a) || r == null && Double.isInfinite(b)) {
            return l != null && Double.isInfinite(a) || r != null && Double.isInfinite(b)
                    ? (l == null ? (a > 0 ? 1 : -1) : (b > 0 ? -1 : 1))
                    : Double.compare(a, b);
        }
        BigDecimal exactLeft = l == null ? new BigDecimal(a) : new BigDecimal(l);
        BigDecimal exactRight = r == null ? new BigDecimal(b) : new BigDecimal(r);
        return exactLeft.compareTo(exactRight);
    }

    static String print(BigInteger integer) {
        if (integer.bitLength() > Budget.MAX_INTEGER_BITS) {
            String digits = integer.bitLength() > 100_000 ? "" : integer.abs().toString();
            if (digits.isEmpty() || digits.length() > MAX_DIGITS) {
                throw TemplateException.value(
                        "an integer of more than %d digits to print".formatted(MAX_DIGITS));
            }
        }
        return integer.toString();
    }

    /** The shortest digits that read back as the same number; as Python's {@code repr}. */
    static String print(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal decimal = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
        String digits = decimal.unscaledValue().toString();
        int exponent = digits.length() - decimal.scale() - 1;
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            return sign + scientific(digits, exponent, 'e');
        }
        String plain = decimal.toPlainString();
        return sign + (plain.contains(".") ? plain : plain + ".0");
    }

    static String scientific(String digits, int exponent, char mark) {
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return "%c%s%c%s%02d"
                .formatted(
                        digits.charAt(0),
                        fraction,
                        mark,
                        exponent < 0 ? "-" : "+",
                        Math.abs(exponent));
    }

    /** The exact quotient, rounded once. */
    static double quotient(BigInteger left, BigInteger right) {
        if (left.bitLength() <= 53 && right.bitLength() <= 53) {
            return left.doubleValue() / right.doubleValue();
        }
        double value =
                new BigDecimal(left)
                        .divide(new BigDecimal(right), new MathContext(60))
                        .doubleValue();
        if (Double.isInfinite(value)) {
            throw TemplateException.value("integer division result too large for a float");
        }
        return value;
    }

    /** Python's {@code round} with a number of digits: half to even on the exact value. */
    static Value.Number round(Value.Number number, int digits) {
        if (number instanceof Real real) {
            double value = real.value();
            if (!Double.isFinite(value) || value == 0 || digits > 400) {
                return number;
            }
            double rounded =
                    new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
            return new Real(rounded == 0 ? Math.copySign(0.0, value) : rounded);
        }
        BigInteger integer = integer(number);
        return digits >= 0
                ? new Int(integer)
                : new Int(
                        new BigDecimal(integer)
                                .setScale(Math.max(digits, -10_000), RoundingMode.HALF_EVEN)
                                .toBigInteger());
    }

    /** The integer part of a float. */
    static BigInteger truncate(double value) {
        if (!Double.isFinite(value)) {
            throw TemplateException.value("cannot convert " + print(value) + " to an integer");
        }
        return new BigDecimal(value).toBigInteger();
    }

    /** What {@code float()} makes of a text; null if it is none. */
    static Double parseReal(String text) {
        String stripped = Texts.strip(text, null).toLowerCase(java.util.Locale.ROOT);
        if (stripped.matches("[+-]?(inf|infinity)")) {
            return stripped.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (stripped.matches("[+-]?nan")) {
            return Double.NaN;
        }
        boolean number =
                stripped.length() < 10_000
                        && stripped.matches(
                                "[+-]?((\\d+_)*\\d+(\\.((\\d+_)*\\d+)?)?|\\.(\\d+_)*\\d+)(e[+-]?(\\d+_)*\\d+)?");
        return number ? Double.valueOf(stripped.replace("_", "")) : null;
    }

    /** What {@code int()} makes of a text; null if it is none. */
    static BigInteger parseInteger(String text, int base) {
        String stripped = Texts.strip(text, null).toLowerCase(java.util.Locale.ROOT);
        String sign = stripped.startsWith("-") ? "-" : "";
        String digits = stripped.replaceFirst("^[+-]", "");
        int radix = base;
        for (String prefix : new String[] {"0b2", "0o8", "0x16"}) {
            int of = Integer.parseInt(prefix.substring(2));
            if ((base == 0 || base == of) && digits.startsWith(prefix.substring(0, 2))) {
                radix = of;
                digits = digits.substring(2).replaceFirst("^_", "");
            }
        }
        if (radix == 0) {
            if (digits.matches("0[\\d_]*[1-9][\\d_]*")) {
                return null;
            }
            radix = 10;
        }
        if (digits.length() > MAX_DIGITS || !digits.matches("(?U)([\\p{Alnum}]+_)*[\\p{Alnum}]+")) {
            return null;
        }
        try {
            return new BigInteger(sign + digits.replace("_", ""), radix);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
