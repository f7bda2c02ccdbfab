package io.djlnpu.simd;

import io.djlnpu.bundle.GateActivation;

/**
 * The exponential that scalar and vector code share: the same operations in the same order, so the
 * same bits in the interpreter, in compiled code, and in every lane.
 *
 * <p><b>Numerics</b>: relative error below 3e-7 for inputs from -87.3 to 88.3; beyond these the
 * result is that of the nearer bound.
 */
final class Exponential {

    static final float MIN = -87.3f;
    static final float MAX = 88.3f;
    static final float LOG2_E = 1.4426950408889634f;

    /**
     * 1.5 * 2^23: adding it leaves the nearest whole number in the lowest bits, subtracting it
     * again that number as a float.
     */
    static final float ROUND = 12582912f;

    /** The bits of 1.0f; a power of two is this plus its exponent, shifted. */
    static final int ONE = 0x3f800000;

    static final float LN2_HIGH = 0.693359375f;
    static final float LN2_LOW = -2.12194440e-4f;
    static final float C6 = 1.9875691500e-4f;
    static final float C5 = 1.3981999507e-3f;
    static final float C4 = 8.3334519073e-3f;
    static final float C3 = 4.1665795894e-2f;
    static final float C2 = 1.6666665459e-1f;
    static final float C1 = 5.0000001201e-1f;

    /** sqrt(2 / pi) and the cubic coefficient of the tanh form of GELU. */
    static final float GELU_SCALE = 0.7978845608028654f;

    static final float GELU_CUBIC = 0.044715f;

    private Exponential() {}

    static float exp(float x) {
        float clamped = Math.min(Math.max(x, MIN), MAX);
        float shifted = Math.fma(clamped, LOG2_E, ROUND);
        float n = shifted - ROUND;
        float r = Math.fma(n, -LN2_HIGH, clamped);
        r = Math.fma(n, -LN2_LOW, r);
        float p = C6;
        p = Math.fma(p, r, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, C1);
        p = Math.fma(p, r * r, r) + 1;
        return p * Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << 23) + ONE);
    }

    /** {@code 0.5 x (1 + tanh(u)) = x / (1 + exp(-2u))}. */
    static float gelu(float x) {
        return gate(x, GELU_CUBIC, -2 * GELU_SCALE);
    }

    /**
     * Both activations are {@code x / (1 + exp(slope * (x + cubic * x^3)))}: GELU in its tanh form,
     * and SiLU without the cubic term.
     */
    static float gate(float x, float cubic, float slope) {
        return x / (1 + exp(slope * Math.fma(cubic * x * x, x, x)));
    }

    static float cubic(GateActivation activation) {
        return switch (activation) {
            case GELU_TANH -> GELU_CUBIC;
            case SILU -> 0;
        };
    }

    static float slope(GateActivation activation) {
        return switch (activation) {
            case GELU_TANH -> -2 * GELU_SCALE;
            case SILU -> -1;
        };
    }
}
