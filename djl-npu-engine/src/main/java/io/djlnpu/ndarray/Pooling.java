package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;

/** Pooling over the dimensions from the third on, which may be one to three. */
final class Pooling {

    private Pooling() {}

    static Tensor max(Tensor a, Shape kernel, Shape stride, Shape padding, boolean ceil) {
        WindowGeometry window = window(a, kernel, stride, padding, ceil);
        return pool(
                a,
                window,
                kernel.dimension(),
                (plane, place) -> {
                    double largest = Double.NEGATIVE_INFINITY;
                    for (int tap = 0; tap < window.kernelSize(); tap++) {
                        int position = window.position(place, tap);
                        largest =
                                position < 0
                                        ? largest
                                        : Math.max(largest, a.getDouble(plane + position));
                    }
                    return largest;
                });
    }

    static Tensor average(
            Tensor a,
            Shape kernel,
            Shape stride,
            Shape padding,
            boolean ceil,
            boolean countPadding) {
        WindowGeometry window = window(a, kernel, stride, padding, ceil);
        return pool(
                a,
                window,
                kernel.dimension(),
                (plane, place) -> {
                    double sum = 0;
                    int count = 0;
                    for (int tap = 0; tap < window.kernelSize(); tap++) {
                        int position = window.position(place, tap);
                        sum += position < 0 ? 0 : a.getDouble(plane + position);
                        count +=
                                position >= 0 || countPadding && window.isPadded(place, tap)
                                        ? 1
                                        : 0;
                    }
                    return sum / count;
                });
    }

    /** The p-norm of each window, of the signed sum as PyTorch takes it. */
    static Tensor power(
            Tensor a, double order, Shape kernel, Shape stride, Shape padding, boolean ceil) {
        WindowGeometry window = window(a, kernel, stride, padding, ceil);
        return pool(
                a,
                window,
                kernel.dimension(),
                (plane, place) -> {
                    double sum = 0;
                    for (int tap = 0; tap < window.kernelSize(); tap++) {
                        int position = window.position(place, tap);
                        sum += position < 0 ? 0 : Math.pow(a.getDouble(plane + position), order);
                    }
                    return Math.signum(sum) * Math.pow(Math.abs(sum), 1 / order);
                });
    }

    /** Pools each plane to one value; the result has shape [N, C]. */
    static Tensor globalMax(Tensor a) {
        return Reductions.max(planes(a), new int[] {2}, false);
    }

    static Tensor globalAverage(Tensor a) {
        return Reductions.mean(planes(a), new int[] {2}, false);
    }

    static Tensor globalPower(Tensor a, double order) {
        Shape spatial = a.shape().slice(2);
        long[] none = new long[spatial.dimension()];
        return power(a, order, spatial, spatial, new Shape(none), false)
                .reshape(a.shape().slice(0, 2));
    }

    private static Tensor planes(Tensor a) {
        requirePlanes(a);
        return a.reshape(a.shape().slice(0, 2).add(Dimensions.size(a.shape().slice(2))));
    }

    private static void requirePlanes(Tensor a) {
        if (a.rank() < 3 || a.rank() > 5) {
            throw new IllegalArgumentException(
                    "pooling takes 3 to 5 dimensions (batch, channels, space), not shape "
                            + a.shape());
        }
    }

    private static WindowGeometry window(
            Tensor a, Shape kernel, Shape stride, Shape padding, boolean ceil) {
        requirePlanes(a);
        return WindowGeometry.of(a.shape().slice(2), kernel, stride, padding, new Shape(), ceil);
    }

    private interface Pool {
        double at(int plane, int place);
    }

    private static Tensor pool(Tensor a, WindowGeometry window, int dimensions, Pool pool) {
        int places = window.outputSize();
        Shape shape = a.shape().slice(0, 2).addAll(window.outputShape(dimensions));
        return Tensor.fill(
                a.type(), shape, i -> pool.at(i / places * window.inputSize(), i % places));
    }
}
