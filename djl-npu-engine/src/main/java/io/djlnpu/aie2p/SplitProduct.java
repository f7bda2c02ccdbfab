package io.djlnpu.aie2p;

import io.djlnpu.numeric.Bfloat16;

/**
 * The product of two float32 numbers, for which the core has no circuit: each is split into three
 * bf16 parts, and the nine products of parts are added in float32.
 *
 * <p><b>Numerics</b>: parts are rounded to nearest even; at most 2 units in the last place from the
 * IEEE product. The order of the sum is part of the result.
 */
public final class SplitProduct {

    private SplitProduct() {}

    /**
     * Multiplies.
     *
     * @param a a float32
     * @param b a float32
     * @return the sum of the nine products
     */
    public static float of(float a, float b) {
        float aHigh = Bfloat16.round(a);
        float aRest = a - aHigh;
        float aMiddle = Bfloat16.round(aRest);
        float aLow = Bfloat16.round(aRest - aMiddle);
        float bHigh = Bfloat16.round(b);
        float bRest = b - bHigh;
        float bMiddle = Bfloat16.round(bRest);
        float bLow = Bfloat16.round(bRest - bMiddle);
        float sum = aHigh * bHigh;
        sum += aHigh * bMiddle;
        sum += aMiddle * bHigh;
        sum += aHigh * bLow;
        sum += aMiddle * bMiddle;
        sum += aLow * bHigh;
        sum += aMiddle * bLow;
        sum += aLow * bMiddle;
        sum += aLow * bLow;
        return sum;
    }
}
