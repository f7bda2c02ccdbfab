package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Resampling of pictures: nearest, bilinear, area, bicubic, with pixel centres at half positions as
 * PyTorch has them.
 */
final class Images {

    /** The sharpness of the cubic filter, as in Pillow and in PyTorch with antialiasing. */
    private static final double CUBIC = -0.5;

    private Images() {}

    /**
     * {@code mode} counts as DJL's {@code Image.Interpolation}: nearest, bilinear, area, bicubic.
     * Input [..., C, H, W].
     */
    static Tensor interpolate(Tensor a, int height, int width, int mode, boolean alignCorners) {
        if (a.rank() < 2 || a.size() == 0) {
            throw new IllegalArgumentException("cannot resize an image of shape " + a.shape());
        }
        Tensor rows = resample(a, a.rank() - 2, height, mode, alignCorners);
        return resample(rows, a.rank() - 1, width, mode, alignCorners);
    }

    /** Input [H, W, C] or [N, H, W, C]; the type is kept, whole numbers truncate. */
    static Tensor resize(Tensor a, int width, int height, int mode) {
        int first = a.rank() - 3;
        if (first < 0 || first > 1 || a.size() == 0) {
            throw new IllegalArgumentException(
                    "cannot resize an image of shape "
                            + a.shape()
                            + "; expected [H, W, C] or [N, H, W, C]");
        }
        Tensor real = a.cast(DataType.FLOAT32);
        Tensor rows = resample(real, first, height, mode, false);
        return resample(rows, first + 1, width, mode, false).cast(a.type());
    }

    /** Resamples one axis; every mode here is separable. */
    private static Tensor resample(Tensor a, int axis, int size, int mode, boolean alignCorners) {
        Lanes from = Lanes.of(a.shape(), axis);
        Lanes to = from.withLength(size);
        Tensor result = Tensor.allocate(a.type(), Dimensions.with(a.shape(), axis, size));
        for (int i = 0; i < size; i++) {
            Taps taps = taps(i, from.length(), size, mode, alignCorners);
            for (int lane = 0; lane < from.count(); lane++) {
                double sum = 0;
                for (int j = 0; j < taps.weights.length; j++) {
                    int position = Math.clamp(taps.first + j, 0, from.length() - 1);
                    sum += taps.weights[j] * a.getDouble(from.index(lane, position));
                }
                result.data().setDouble(to.index(lane, i), sum);
            }
        }
        return result;
    }

    /** The input elements from {@code first} on and what each adds. */
    private record Taps(int first, double... weights) {}

    private static Taps taps(int i, int length, int size, int mode, boolean alignCorners) {
        double scale =
                alignCorners && size > 1 ? (length - 1.0) / (size - 1) : (double) length / size;
        double place = alignCorners ? i * scale : (i + 0.5) * scale - 0.5;
        switch (mode) {
            case 0 -> {
                return new Taps(
                        (int) Math.min(Math.floor(i * (double) length / size), length - 1), 1);
            }
            case 1 -> {
                return smooth(place, scale, length, 1, Images::triangle);
            }
            case 2 -> {
                int start = (int) ((long) i * length / size);
                int end = (int) Math.ceilDiv((long) (i + 1) * length, size);
                double[] weights = new double[end - start];
                Arrays.fill(weights, 1.0 / weights.length);
                return new Taps(start, weights);
            }
            case 3 -> {
                return smooth(place, scale, length, 2, Images::cubic);
            }
            default ->
                    throw new IllegalArgumentException(
                            "interpolation "
                                    + mode
                                    + " is none of nearest 0, bilinear 1, area 2, bicubic 3");
        }
    }

    /**
     * The elements under a filter that grows with the scale, so that shrinking averages all it
     * covers.
     */
    private static Taps smooth(
            double place, double scale, int length, int reach, DoubleUnaryOperator filter) {
        double width = Math.max(scale, 1);
        int first = Math.max(0, (int) (place + 1 - reach * width));
        int end = Math.min(length, (int) (place + 1 + reach * width));
        double[] weights = new double[end - first];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = filter.applyAsDouble((first + i - place) / width);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return new Taps(first, weights);
    }

    private static double triangle(double distance) {
        return Math.max(0, 1 - Math.abs(distance));
    }

    private static double cubic(double distance) {
        double t = Math.abs(distance);
        if (t < 1) {
            return ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1;
        }
        return t < 2 ? ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC : 0;
    }

    /** [H, W, C] or [N, H, W, C] pixels to [C, H, W] or [N, C, H, W] floats of 0 to 1. */
    static Tensor toTensor(Tensor a) {
        Tensor scaled = Arithmetic.div(a.cast(DataType.FLOAT32), Tensor.ofFloats(new Shape(), 255));
        return a.rank() == 4
                ? Reorder.transpose(scaled, 0, 3, 1, 2)
                : Reorder.transpose(scaled, 2, 0, 1);
    }
}
