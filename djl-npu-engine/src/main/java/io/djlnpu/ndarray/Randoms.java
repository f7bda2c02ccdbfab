package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.RandomUtils;
import java.util.Random;

/**
 * Random arrays, all drawn in row-major order from DJL's one generator, so that a seed repeats
 * them.
 */
final class Randoms {

    private static final Random RANDOM = RandomUtils.RANDOM;

    private Randoms() {}

    static Tensor integers(long low, long high, Shape shape, DataType type) {
        return Tensor.fillLongs(type, shape, i -> RANDOM.nextLong(low, high));
    }

    static Tensor permutation(int n) {
        long[] values = new long[n];
        for (int i = 0; i < n; i++) {
            int j = RANDOM.nextInt(i + 1);
            values[i] = values[j];
            values[j] = i;
        }
        return Tensor.ofLongs(new Shape(n), values);
    }

    static Tensor uniform(float low, float high, Shape shape, DataType type) {
        return Tensor.fill(type, shape, i -> low + RANDOM.nextFloat() * (high - low));
    }

    static Tensor normal(float mean, float deviation, Shape shape, DataType type) {
        return Tensor.fill(type, shape, i -> mean + deviation * RANDOM.nextGaussian());
    }

    /** Normal numbers no further than two deviations from the mean. */
    static Tensor truncatedNormal(float mean, float deviation, Shape shape, DataType type) {
        return Tensor.fill(
                type,
                shape,
                i -> {
                    double value = RANDOM.nextGaussian();
                    while (Math.abs(value) > 2) {
                        value = RANDOM.nextGaussian();
                    }
                    return mean + deviation * value;
                });
    }

    /**
     * {@code n} draws for each place of {@code shape}: how often each class came up, FLOAT32 of
     * [shape..., classes].
     */
    static Tensor multinomial(int n, Tensor probabilities, Shape shape) {
        if (probabilities.rank() != 1) {
            throw new IllegalArgumentException(
                    "randomMultinomial takes a vector of probabilities, not shape "
                            + probabilities.shape());
        }
        int classes = probabilities.size();
        Tensor counts = Tensor.allocate(DataType.INT64, shape.add(classes));
        double total =
                Reductions.sum(probabilities, Reductions.allAxes(probabilities), false)
                        .getDouble(0);
        for (int row = 0; row < counts.size(); row += classes) {
            for (int draw = 0; draw < n; draw++) {
                double rest = RANDOM.nextDouble() * total;
                int chosen = 0;
                while (chosen < classes - 1 && rest >= probabilities.getDouble(chosen)) {
                    rest -= probabilities.getDouble(chosen++);
                }
                counts.data().setLong(row + chosen, counts.getLong(row + chosen) + 1);
            }
        }
        return counts;
    }

    static Tensor sampleNormal(Tensor mean, Tensor deviation, Shape shape) {
        return sample(mean, deviation, shape, (m, d) -> m + d * RANDOM.nextGaussian());
    }

    static Tensor samplePoisson(Tensor rate, Shape shape) {
        return sample(rate, rate, shape, (l, ignored) -> poisson(l));
    }

    static Tensor sampleGamma(Tensor alpha, Tensor beta, Shape shape) {
        return sample(alpha, beta, shape, (a, b) -> b * gamma(a));
    }

    private interface Draw {
        double from(double a, double b);
    }

    /**
     * For each pair of parameters as many draws as {@code shape} holds; the FLOAT32 result has
     * shape [parameters..., shape...].
     */
    private static Tensor sample(Tensor a, Tensor b, Shape shape, Draw draw) {
        int each = Dimensions.size(shape);
        Tensor second = StridedView.broadcast(b, a.shape());
        return Tensor.fill(
                DataType.FLOAT32,
                a.shape().addAll(shape),
                i -> draw.from(a.getDouble(i / each), second.getDouble(i / each)));
    }

    /** Knuth's product of uniforms, in slices that keep the exponential away from 0. */
    private static double poisson(double rate) {
        int count = 0;
        for (double left = rate; left > 0; left -= 500) {
            double limit = Math.exp(-Math.min(left, 500));
            double product = RANDOM.nextDouble();
            while (product > limit) {
                product *= RANDOM.nextDouble();
                count++;
            }
        }
        return count;
    }

    /** Marsaglia and Tsang's squeeze; shapes below 1 are boosted. */
    private static double gamma(double shape) {
        if (shape < 1) {
            return gamma(shape + 1) * Math.pow(RANDOM.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = RANDOM.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0
                    && Math.log(RANDOM.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
