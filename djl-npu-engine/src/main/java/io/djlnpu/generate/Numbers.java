package io.djlnpu.generate;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * The one reader of numbers and truths that others wrote: of requests, schemas, options and a
 * model's settings. A number is JSON's, or a text that holds one; it is taken exactly or refused,
 * never wrapped, cut or rounded to another.
 *
 * <p><b>Errors</b>: {@link IllegalArgumentException} that names what, the value and what is
 * expected.
 */
public final class Numbers {

    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?");
    private static final int LONGEST = 400;
    private static final int MOST_SHOWN = 60;

    /** Beyond, the digits before the point are more than any bound has. */
    private static final int MOST_DIGITS = 19;

    private Numbers() {}

    /**
     * Reads a whole number. {@code 3.0} and {@code 3e0} are whole, {@code 3.5} is not.
     *
     * @param name what to call it in messages
     * @param value a JSON value, a number or a text
     * @param least the least that is allowed
     * @param most the most that is allowed
     * @return the number
     */
    public static int whole(String name, Object value, int least, int most) {
        return (int) whole(name, value, (long) least, (long) most);
    }

    /**
     * Reads a whole number of 64 bits.
     *
     * @param name what to call it in messages
     * @param value a JSON value, a number or a text
     * @param least the least that is allowed
     * @param most the most that is allowed
     * @return the number
     */
    public static long whole(String name, Object value, long least, long most) {
        BigDecimal number = decimal(value);
        if (number != null && isWhole(number)) {
            try {
                long whole = number.longValueExact();
                if (whole >= least && whole <= most) {
                    return whole;
                }
            } catch (ArithmeticException e) {
                // reported below
            }
        }
        throw refused(name, value, "a whole number from %d to %d".formatted(least, most));
    }

    private static boolean isWhole(BigDecimal number) {
        return (long) number.precision() - number.scale() <= MOST_DIGITS
                && number.stripTrailingZeros().scale() <= 0;
    }

    /**
     * Reads a number that a double holds.
     *
     * @param name what to call it in messages
     * @param value a JSON value, a number or a text
     * @return the double next to it
     */
    public static double finite(String name, Object value) {
        BigDecimal number = decimal(value);
        double nearest = number == null ? Double.NaN : number.doubleValue();
        if (!Double.isFinite(nearest)) {
            throw refused(name, value, "a finite number");
        }
        return nearest;
    }

    /**
     * Reads a truth: {@code true}, {@code false}, or one of them as a text.
     *
     * @param name what to call it in messages
     * @param value a JSON value, a Boolean or a text
     * @return the truth
     */
    public static boolean truth(String name, Object value) {
        return switch (text(value)) {
            case "true", "True", "TRUE" -> true;
            case "false", "False", "FALSE" -> false;
            default -> throw refused(name, value, "true or false");
        };
    }

    /** Returns null for what is no number of a sane length. */
    private static BigDecimal decimal(Object value) {
        if (value instanceof JsonPrimitive json && json.isBoolean()) {
            return null;
        }
        String text = text(value);
        boolean sane = text.length() <= LONGEST && DECIMAL.matcher(text).matches();
        return sane ? new BigDecimal(text) : null;
    }

    private static String text(Object value) {
        if (value instanceof JsonElement json) {
            return json.isJsonPrimitive() ? json.getAsString().trim() : "";
        }
        return String.valueOf(value).trim();
    }

    private static IllegalArgumentException refused(String name, Object value, String expected) {
        String shown = String.valueOf(value);
        return new IllegalArgumentException(
                "%s %s, expected %s"
                        .formatted(
                                name,
                                shown.length() <= MOST_SHOWN
                                        ? shown
                                        : shown.substring(0, MOST_SHOWN) + "...",
                                expected));
    }
}
