package io.djlnpu.aie2p;

import io.djlnpu.numeric.Bfloat16;

/**
 * The exponential by two tables, of whole numbers and of 256th parts: a staircase.
 *
 * <p><b>Numerics</b>: entries are bf16, rounded to nearest even; their product is float32 and
 * exact.
 */
public final class ExpTable {

    private static final float LEAST = -87;
    private static final float GREATEST = 88;
    private static final int STEPS = 256;
    private static final float[] WHOLE = new float[STEPS];
    private static final float[] PART = new float[STEPS];

    static {
        for (int i = 0; i < STEPS; i++) {
            WHOLE[i] = Bfloat16.round((float) Math.exp(Math.min((byte) i, GREATEST)));
            PART[i] = Bfloat16.round((float) Math.exp(i / (double) STEPS));
        }
    }

    private ExpTable() {}

    /**
     * Looks an exponential up.
     *
     * @param x bf16; clamped to -87 to 88
     * @return about {@code e^x}, float32
     */
    public static float of(float x) {
        int v = (int) Math.floor(STEPS * Math.clamp(x, LEAST, GREATEST));
        return WHOLE[v >> 8 & 0xff] * PART[v & 0xff];
    }

    /** An entry of the table of whole numbers. */
    static float whole(int n) {
        return WHOLE[n];
    }

    /** An entry of the table of parts. */
    static float part(int n) {
        return PART[n];
    }
}
