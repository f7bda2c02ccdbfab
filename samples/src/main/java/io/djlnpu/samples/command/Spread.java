package io.djlnpu.samples.command;

import java.util.Arrays;
import java.util.Locale;

/**
 * Repeated measurements in short.
 *
 * @param median the middle one; of an even count the mean of the two middle ones
 * @param min the smallest
 * @param max the largest
 */
record Spread(double median, double min, double max) {

    /** Sums up at least one measurement. */
    static Spread of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f (%.1f to %.1f)", median, min, max);
    }
}
