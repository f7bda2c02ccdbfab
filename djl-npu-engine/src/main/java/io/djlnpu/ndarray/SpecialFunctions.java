package io.djlnpu.ndarray;

/** Functions that {@link Math} lacks, in double. */
final class SpecialFunctions {

    private static final double[] LANCZOS = {
        0.99999999999980993,
        676.5203681218851,
        -1259.1392167224028,
        771.32342877765313,
        -176.61502916214059,
        12.507343278686905,
        -0.13857109526572012,
        9.9843695780195716e-6,
        1.5056327351493116e-7
    };

    private SpecialFunctions() {}

    /** The error function; series near 0, continued fraction outside; about 1e-15. */
    static double erf(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        double magnitude = Math.abs(x);
        if (magnitude > 6) {
            return Math.signum(x);
        }
        if (magnitude < 2.5) {
            double term = x;
            double sum = x;
            for (int n = 1; n < 100 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return sum * 2 / Math.sqrt(Math.PI);
        }
        double fraction = 0;
        for (int n = 60; n > 0; n--) {
            fraction = n / 2.0 / (magnitude + fraction);
        }
        double complement =
                Math.exp(-magnitude * magnitude) / (magnitude + fraction) / Math.sqrt(Math.PI);
        return Math.signum(x) * (1 - complement);
    }

    /** The inverse of {@link #erf}: Winitzki's approximation, then Newton steps. */
    static double erfinv(double y) {
        if (Math.abs(y) >= 1 || y == 0 || Double.isNaN(y)) {
            return Math.abs(y) == 1 ? y * Double.POSITIVE_INFINITY : y == 0 ? y : Double.NaN;
        }
        double w = Math.log((1 - y) * (1 + y));
        double part = 2 / (Math.PI * 0.147) + w / 2;
        double x = Math.signum(y) * Math.sqrt(Math.sqrt(part * part - w / 0.147) - part);
        for (int i = 0; i < 4; i++) {
            x -= (erf(x) - y) / (2 / Math.sqrt(Math.PI) * Math.exp(-x * x));
        }
        return x;
    }

    /** The logarithm of |gamma(x)| (Lanczos, g = 7). */
    static double logGamma(double x) {
        if (x <= 0 && x == Math.floor(x)) {
            return Double.POSITIVE_INFINITY;
        }
        if (x == Double.POSITIVE_INFINITY) {
            return x;
        }
        if (x < 0.5) {
            return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
        }
        double sum = LANCZOS[0];
        for (int i = 1; i < LANCZOS.length; i++) {
            sum += LANCZOS[i] / (x - 1 + i);
        }
        double t = x + 6.5;
        return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
    }

    static double asinh(double x) {
        double magnitude = Math.abs(x);
        double square = magnitude * magnitude;
        double result =
                magnitude > 1e150
                        ? Math.log(magnitude) + Math.log(2)
                        : Math.log1p(magnitude + square / (1 + Math.sqrt(1 + square)));
        return Math.copySign(result, x);
    }

    static double acosh(double x) {
        return x > 1e150
                ? Math.log(x) + Math.log(2)
                : Math.log1p(x - 1 + Math.sqrt((x - 1) * (x + 1)));
    }

    static double atanh(double x) {
        return 0.5 * (Math.log1p(x) - Math.log1p(-x));
    }
}
