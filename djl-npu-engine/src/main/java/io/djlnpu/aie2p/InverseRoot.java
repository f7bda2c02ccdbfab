package io.djlnpu.aie2p;

/**
 * The reciprocal of a square root: a guess from the bits and two steps of Newton's method.
 *
 * <p><b>Numerics</b>: float32; every product is a {@link SplitProduct}.
 */
public final class InverseRoot {

    private static final int SEED = 0x5f3759df;

    private InverseRoot() {}

    /**
     * Computes the reciprocal root.
     *
     * @param s a positive number
     * @return about {@code 1 / sqrt(s)}
     */
    public static float of(float s) {
        float half = SplitProduct.of(s, 0.5f);
        float y = Float.intBitsToFloat(SEED - (Float.floatToRawIntBits(s) >> 1));
        for (int step = 0; step < 2; step++) {
            y = SplitProduct.of(y, 1.5f - SplitProduct.of(SplitProduct.of(half, y), y));
        }
        return y;
    }
}
