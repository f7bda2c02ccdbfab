package io.djlnpu.aie2p;

/**
 * The reciprocal by a table of 128 mantissas.
 *
 * <p><b>Numerics</b>: the number is rounded to bf16, half up; the result is bf16, up to 0.4 % off.
 */
public final class InverseTable {

    private static final int[] MANTISSA = new int[128];

    static {
        for (int m = 0; m < MANTISSA.length; m++) {
            MANTISSA[m] = (int) Math.rint(256 / (1 + m / 128.0)) % 128;
        }
    }

    private InverseTable() {}

    /**
     * Looks a reciprocal up.
     *
     * @param x a positive number
     * @return about {@code 1 / x}, bf16
     */
    public static float of(float x) {
        int bits = Float.floatToRawIntBits(x) + 0x8000;
        int exponent = bits >> 23 & 0xff;
        int m = bits >> 16 & 0x7f;
        int inverse = 253 - exponent + (m == 0 ? 1 : 0);
        return Float.intBitsToFloat(inverse << 23 | MANTISSA[m] << 16);
    }

    /** An entry of the table. */
    static int mantissa(int m) {
        return MANTISSA[m];
    }
}
