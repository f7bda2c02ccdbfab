package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;

/** Layer and batch normalisation with given statistics or those of the input; in double. */
final class Normalizations {

    private Normalizations() {}

    /** Normalises the last dimensions, which {@code normalized} names. */
    static Tensor layer(Tensor a, Shape normalized, Tensor gamma, Tensor beta, double epsilon) {
        int width = Dimensions.size(normalized);
        Tensor result = Tensor.allocate(Casts.floating(a.type()), a.shape());
        for (int start = 0; start < a.size(); start += width) {
            double mean = 0;
            for (int i = 0; i < width; i++) {
                mean += a.getDouble(start + i) / width;
            }
            double variance = 0;
            for (int i = 0; i < width; i++) {
                variance += Math.pow(a.getDouble(start + i) - mean, 2) / width;
            }
            double scale = 1 / Math.sqrt(variance + epsilon);
            for (int i = 0; i < width; i++) {
                double value = (a.getDouble(start + i) - mean) * scale;
                result.data().setDouble(start + i, value * gamma.getDouble(i) + beta.getDouble(i));
            }
        }
        return result;
    }

    /** Normalises each channel along {@code axis} with the running statistics. */
    static Tensor batch(
            Tensor a,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            Tensor beta,
            int axis,
            double epsilon) {
        Lanes lanes = Lanes.of(a.shape(), axis);
        return Tensor.fill(
                Casts.floating(a.type()),
                a.shape(),
                i -> {
                    int channel = i / lanes.inner() % lanes.length();
                    double scale = 1 / Math.sqrt(variance.getDouble(channel) + epsilon);
                    double value = (a.getDouble(i) - mean.getDouble(channel)) * scale;
                    return value * (gamma == null ? 1 : gamma.getDouble(channel))
                            + (beta == null ? 0 : beta.getDouble(channel));
                });
    }

    /** {@code x * weight^T + bias} over the last dimension. */
    static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        int[] order = {1, 0};
        Tensor product = LinearAlgebra.matMul(x, Reorder.transpose(weight, order));
        return bias == null ? product : Arithmetic.add(product, bias);
    }

    /** One row of the table for each index. */
    static Tensor embedding(Tensor index, Tensor table) {
        Tensor depth = index.reshape(Dimensions.insert(index.shape(), 0, 1));
        return Gather.gatherNd(table, depth);
    }
}
