package io.djlnpu.aie2p;

/**
 * Rotary embedding of a head, whose halves are the two coordinates.
 *
 * <p><b>Numerics</b>: the first product exact, the second fused, one float32 rounding; narrowed by
 * {@link Floor}. Cosines and sines are bf16, from the host.
 */
public final class RotateHead {

    private RotateHead() {}

    /**
     * Rotates in place.
     *
     * @param x holds the head, bf16
     * @param index of its first element
     * @param headDim its width
     * @param cosine {@code headDim / 2} numbers
     * @param sine as many
     */
    public static void apply(float[] x, int index, int headDim, float[] cosine, float[] sine) {
        int half = headDim / 2;
        for (int i = 0; i < half; i++) {
            float first = x[index + i];
            float second = x[index + half + i];
            x[index + i] = Floor.bf16(Math.fma(-second, sine[i], first * cosine[i]));
            x[index + half + i] = Floor.bf16(Math.fma(second, cosine[i], first * sine[i]));
        }
    }
}
