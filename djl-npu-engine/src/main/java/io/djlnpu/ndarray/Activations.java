package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Activation functions of neural networks, element by element. */
final class Activations {

    private static final double SELU_SCALE = 1.0507009873554804934193349852946;
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;

    private Activations() {}

    static Tensor relu(Tensor a) {
        return ElementWise.same(a, value -> Math.max(value, 0), value -> Math.max(value, 0));
    }

    static Tensor sigmoid(Tensor a) {
        return ElementWise.real(a, value -> 1 / (1 + Math.exp(-value)));
    }

    static Tensor softPlus(Tensor a) {
        return ElementWise.real(
                a, value -> Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))));
    }

    static Tensor softSign(Tensor a) {
        return ElementWise.real(a, value -> value / (1 + Math.abs(value)));
    }

    static Tensor leakyRelu(Tensor a, double slope) {
        return ElementWise.real(a, value -> value >= 0 ? value : slope * value);
    }

    static Tensor elu(Tensor a, double alpha) {
        return ElementWise.real(a, value -> value > 0 ? value : alpha * Math.expm1(value));
    }

    static Tensor selu(Tensor a) {
        return ElementWise.real(
                a, value -> SELU_SCALE * (value > 0 ? value : SELU_ALPHA * Math.expm1(value)));
    }

    /** The exact form, by the error function. */
    static Tensor gelu(Tensor a) {
        return ElementWise.real(
                a, value -> value * 0.5 * (1 + SpecialFunctions.erf(value / Math.sqrt(2))));
    }

    static Tensor swish(Tensor a, double beta) {
        return ElementWise.real(a, value -> value / (1 + Math.exp(-beta * value)));
    }

    /** {@code alpha} holds one slope, or one for each channel (dimension 1). */
    static Tensor prelu(Tensor a, Tensor alpha) {
        Tensor slopes = alpha;
        if (alpha.size() > 1 && a.rank() > 2) {
            long[] shape = new long[a.rank() - 1];
            Arrays.fill(shape, 1);
            shape[0] = alpha.size();
            slopes = alpha.reshape(shape);
        }
        return Arithmetic.add(
                relu(a),
                Arithmetic.mul(slopes, Arithmetic.minimum(a, Tensor.ofFloats(new Shape(), 0))));
    }
}
