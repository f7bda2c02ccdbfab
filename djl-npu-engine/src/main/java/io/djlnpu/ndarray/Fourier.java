package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Discrete Fourier transforms along an axis: radix 2 for powers of two, the plain sum for other
 * lengths; in double.
 */
final class Fourier {

    private Fourier() {}

    /**
     * Complex to complex; the axis is cut or zero-padded to {@code length}. The inverse divides by
     * the length.
     */
    static Tensor transform(Tensor a, long length, int axis, boolean inverse) {
        Tensor input = a.cast(DataType.COMPLEX64);
        int n = Math.toIntExact(length);
        if (n < 1) {
            throw new IllegalArgumentException("a Fourier transform of length " + length);
        }
        Lanes from = Lanes.of(input.shape(), axis);
        Tensor result =
                Tensor.allocate(DataType.COMPLEX64, Dimensions.with(input.shape(), axis, n));
        Lanes to = from.withLength(n);
        float[] source = ComplexArithmetic.pairs(input);
        float[] target = ComplexArithmetic.pairs(result);
        double[] real = new double[n];
        double[] imaginary = new double[n];
        for (int lane = 0; lane < from.count(); lane++) {
            for (int i = 0; i < n; i++) {
                int place = i < from.length() ? 2 * from.index(lane, i) : -1;
                real[i] = place < 0 ? 0 : source[place];
                imaginary[i] = place < 0 ? 0 : source[place + 1];
            }
            dft(real, imaginary, inverse);
            double scale = inverse ? 1.0 / n : 1;
            for (int i = 0; i < n; i++) {
                int place = 2 * to.index(lane, i);
                target[place] = (float) (real[i] * scale);
                target[place + 1] = (float) (imaginary[i] * scale);
            }
        }
        return result;
    }

    /** Real to the first half of the spectrum. */
    static Tensor realTransform(Tensor a, long length, int axis) {
        Tensor full = transform(a, length, axis, false);
        return StridedView.of(full).slice(axis, 0, 1, (int) length / 2 + 1).toTensor();
    }

    /** The first half of a spectrum to {@code length} real values. */
    static Tensor inverseRealTransform(Tensor a, long length, int axis) {
        Tensor half = a.cast(DataType.COMPLEX64);
        int n = Math.toIntExact(length);
        Lanes from = Lanes.of(half.shape(), axis);
        Tensor full = Tensor.allocate(DataType.COMPLEX64, Dimensions.with(half.shape(), axis, n));
        Lanes to = from.withLength(n);
        float[] source = ComplexArithmetic.pairs(half);
        float[] target = ComplexArithmetic.pairs(full);
        for (int lane = 0; lane < from.count(); lane++) {
            for (int i = 0; i < n; i++) {
                boolean mirrored = i > n / 2;
                int origin = mirrored ? n - i : i;
                if (origin < from.length()) {
                    // The imaginary parts of the first and the middle element are zero in the
                    // spectrum of real values.
                    boolean selfMirrored = origin == 0 || 2 * origin == n;
                    float imaginary = selfMirrored ? 0 : source[2 * from.index(lane, origin) + 1];
                    target[2 * to.index(lane, i)] = source[2 * from.index(lane, origin)];
                    target[2 * to.index(lane, i) + 1] = mirrored ? -imaginary : imaginary;
                }
            }
        }
        return transform(full, n, axis, true).cast(DataType.FLOAT32);
    }

    /** Spectra of windows that slide along the last dimension: [..., n/2+1, frames]. */
    static Tensor shortTime(
            Tensor a, int n, int hop, boolean center, Tensor window, boolean normalize) {
        Tensor signal = a.rank() == 1 ? a.reshape(1, a.size()) : a;
        int pad = center ? n / 2 : 0;
        int length = (int) signal.shape().get(1);
        int frames = 1 + (length + 2 * pad - n) / hop;
        int bins = n / 2 + 1;
        int shift = (n - window.size()) / 2;
        int batches = (int) signal.shape().get(0);
        Tensor spread =
                Tensor.fill(
                        DataType.FLOAT32,
                        new Shape(batches, frames, n),
                        index -> {
                            int i = index % n;
                            int position = index / n % frames * hop + i - pad;
                            int reflected =
                                    position < 0
                                            ? -position
                                            : position >= length
                                                    ? 2 * (length - 1) - position
                                                    : position;
                            boolean inside = i >= shift && i < shift + window.size();
                            return inside
                                    ? signal.getDouble(index / n / frames * length + reflected)
                                            * window.getDouble(i - shift)
                                    : 0;
                        });
        Tensor spectra = StridedView.of(realTransform(spread, n, 2)).permute(0, 2, 1).toTensor();
        if (normalize) {
            spectra =
                    ComplexArithmetic.mul(
                            spectra, Tensor.ofFloats(new Shape(), (float) (1 / Math.sqrt(n))));
        }
        return a.rank() == 1 ? spectra.reshape(bins, frames) : spectra;
    }

    private static void dft(double[] real, double[] imaginary, boolean inverse) {
        int n = real.length;
        if (Integer.bitCount(n) == 1) {
            radix2(real, imaginary, inverse);
            return;
        }
        double[] sumReal = new double[n];
        double[] sumImaginary = new double[n];
        for (int k = 0; k < n; k++) {
            for (int i = 0; i < n; i++) {
                double angle = (inverse ? 2 : -2) * Math.PI * ((long) k * i % n) / n;
                sumReal[k] += real[i] * Math.cos(angle) - imaginary[i] * Math.sin(angle);
                sumImaginary[k] += real[i] * Math.sin(angle) + imaginary[i] * Math.cos(angle);
            }
        }
        System.arraycopy(sumReal, 0, real, 0, n);
        System.arraycopy(sumImaginary, 0, imaginary, 0, n);
    }

    private static void radix2(double[] real, double[] imaginary, boolean inverse) {
        int n = real.length;
        int bits = Integer.numberOfTrailingZeros(n);
        for (int i = 0; i < n; i++) {
            int j = bits == 0 ? 0 : Integer.reverse(i) >>> (32 - bits);
            if (j > i) {
                swap(real, i, j);
                swap(imaginary, i, j);
            }
        }
        for (int size = 2; size <= n; size *= 2) {
            for (int start = 0; start < n; start += size) {
                for (int k = 0; k < size / 2; k++) {
                    double angle = (inverse ? 2 : -2) * Math.PI * k / size;
                    int top = start + k;
                    int bottom = top + size / 2;
                    double r = real[bottom] * Math.cos(angle) - imaginary[bottom] * Math.sin(angle);
                    double i = real[bottom] * Math.sin(angle) + imaginary[bottom] * Math.cos(angle);
                    real[bottom] = real[top] - r;
                    imaginary[bottom] = imaginary[top] - i;
                    real[top] += r;
                    imaginary[top] += i;
                }
            }
        }
    }

    private static void swap(double[] values, int i, int j) {
        double held = values[i];
        values[i] = values[j];
        values[j] = held;
    }
}
