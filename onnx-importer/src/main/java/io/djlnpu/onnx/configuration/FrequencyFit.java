package io.djlnpu.onnx.configuration;

import io.djlnpu.bundle.RopeScaling;
import io.djlnpu.bundle.RopeSpec;
import java.util.List;

/**
 * The rotary embedding that gives certain angles at position 1: a geometric sequence, or one whose
 * low frequencies are divided as Llama 3.1's are.
 *
 * <p>Of Llama's scaling the low and high frequency factors are taken for 1 and 4, which all models
 * have; base, factor and original context are found, and the angles must then come out within two
 * percent each.
 */
final class FrequencyFit {

    private static final double TOLERANCE = 0.02;
    private static final double LOW = 1;
    private static final double HIGH = 4;

    private FrequencyFit() {}

    /** The embedding, or null if the numbers are no frequencies. */
    static RopeSpec of(double[] angles) {
        int half = angles.length;
        if (half < 4 || angles[0] <= 0 || angles[0] > 1.001 || angles[half / 2] <= 0) {
            return null;
        }
        RopeSpec geometric = geometric(angles);
        if (geometric != null && reachesTheEnd(geometric, angles)) {
            return geometric;
        }
        // the last angles of a table in 16 bits are no more than noise
        RopeSpec byFrequency = byFrequency(angles);
        return byFrequency != null ? byFrequency : geometric;
    }

    /** A scaling that begins behind the middle is seen at the end. */
    private static boolean reachesTheEnd(RopeSpec rope, double[] angles) {
        double last = rope.frequency(angles.length - 1, 2 * angles.length);
        return Math.abs(angles[angles.length - 1] / last - 1) <= 0.5;
    }

    private static RopeSpec geometric(double[] angles) {
        int half = angles.length;
        int middle = half / 2;
        double base = Math.pow(angles[0] / angles[middle], (double) half / middle);
        for (int j : List.of(half / 4, half / 3)) {
            double expected = angles[0] * Math.pow(base, -(double) j / half);
            if (Math.abs(angles[j] / expected - 1) > TOLERANCE) {
                return null;
            }
        }
        if (base <= 10) {
            return null;
        }
        double factor = RopeEvidence.round(1 / angles[0], 3);
        return new RopeSpec(RopeEvidence.round(base, 2), RopeScaling.linear(factor));
    }

    private static RopeSpec byFrequency(double[] angles) {
        int half = angles.length;
        double base = RopeEvidence.round(Math.pow(angles[0] / angles[1], half), 2);
        double[] plain = new double[half];
        for (int j = 0; j < half; j++) {
            plain[j] = Math.pow(base, -(double) j / half);
        }
        double factor = RopeEvidence.round(plain[half - 1] / angles[half - 1], 3);
        if (base <= 10 || factor <= 1) {
            return null;
        }
        for (int j = 1; j < half; j++) {
            double smooth = (angles[j] / plain[j] - 1 / factor) / (1 - 1 / factor);
            boolean mixed = smooth > 0.02 && smooth < 0.98;
            // between wavelengths that are left alone and those that are divided
            boolean edge = !mixed && smooth <= 0.02;
            if (mixed || edge) {
                double turns = mixed ? LOW + smooth * (HIGH - LOW) : LOW;
                double context = turns * 2 * Math.PI / plain[j];
                RopeSpec fitted = fitted(base, factor, nearestPower(context), angles);
                return fitted != null ? fitted : fitted(base, factor, Math.rint(context), angles);
            }
        }
        return null;
    }

    private static double nearestPower(double context) {
        return Math.pow(2, Math.rint(Math.log(context) / Math.log(2)));
    }

    private static RopeSpec fitted(double base, double factor, double context, double[] angles) {
        RopeSpec rope = new RopeSpec(base, new RopeScaling.Llama3(factor, LOW, HIGH, context));
        for (int j = 0; j < angles.length; j++) {
            double expected = rope.frequency(j, 2 * angles.length);
            if (!(Math.abs(angles[j] / expected - 1) <= TOLERANCE)) {
                return null;
            }
        }
        return rope;
    }
}
