package io.djlnpu.ndarray;

/**
 * Softmax and its logarithm along an axis, the largest element subtracted first; sums in double.
 */
final class Softmax {

    private Softmax() {}

    static Tensor softmax(Tensor a, int axis) {
        return apply(a, axis, false);
    }

    static Tensor logSoftmax(Tensor a, int axis) {
        return apply(a, axis, true);
    }

    private static Tensor apply(Tensor a, int axis, boolean logarithm) {
        Lanes lanes = Lanes.of(a.shape(), axis);
        Tensor result = Tensor.allocate(Casts.floating(a.type()), a.shape());
        double[] lane = new double[lanes.length()];
        for (int i = 0; i < lanes.count(); i++) {
            int start = lanes.start(i);
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < lane.length; j++) {
                lane[j] = a.getDouble(start + j * lanes.inner());
                largest = Math.max(largest, lane[j]);
            }
            double sum = 0;
            for (int j = 0; j < lane.length; j++) {
                lane[j] -= largest;
                double weight = Math.exp(lane[j]);
                sum += weight;
                lane[j] = logarithm ? lane[j] : weight;
            }
            double scale = logarithm ? Math.log(sum) : 1 / sum;
            for (int j = 0; j < lane.length; j++) {
                result.data()
                        .setDouble(
                                start + j * lanes.inner(),
                                logarithm ? lane[j] - scale : lane[j] * scale);
            }
        }
        return result;
    }
}
