package io.djlnpu.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis of a plot: what it shows, from where to where, and whether each step adds or multiplies.
 *
 * @param title what it shows
 * @param low value at its begin
 * @param high value at its end
 * @param logarithmic whether equal steps multiply
 */
record Axis(String title, double low, double high, boolean logarithmic) {

    private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P"};

    static Axis fromZero(String title, double most) {
        return new Axis(title, 0, most > 0 ? most : 1, false);
    }

    /** Where a value lies, from 0 to 1. */
    double part(double value) {
        return logarithmic
                ? Math.log(value / low) / Math.log(high / low)
                : (value - low) / (high - low);
    }

    /** Values to write at the axis: powers of ten, or round ones a fourth to a tenth apart. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            for (int power = (int) Math.ceil(Math.log10(low));
                    Math.pow(10, power) <= high;
                    power++) {
                ticks.add(Math.pow(10, power));
            }
            return ticks;
        }
        double rough = (high - low) / 4;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * (rough >= 5 * power ? 5 : rough >= 2 * power ? 2 : 1);
        for (int i = 0; low + i * step <= high * 1.000001; i++) {
            ticks.add(low + i * step);
        }
        return ticks;
    }

    /** A number with at most three digits and its prefix, such as 1.5 G. */
    static String number(double value) {
        double rest = value;
        int prefix = 0;
        while (Math.abs(rest) >= 1000 && prefix < PREFIXES.length - 1) {
            rest /= 1000;
            prefix++;
        }
        String digits = String.format(Locale.ROOT, "%.3f", rest);
        digits = digits.replaceFirst("\\.?0+$", "");
        return (digits + " " + PREFIXES[prefix]).strip();
    }
}
