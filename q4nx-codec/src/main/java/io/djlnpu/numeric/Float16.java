package io.djlnpu.numeric;

/**
 * IEEE 754 binary16.
 *
 * <p><b>Numerics</b>: widening is exact; narrowing rounds to nearest, ties to even, and overflows
 * to infinity.
 */
public final class Float16 {

    private Float16() {}

    /**
     * Widens one value.
     *
     * @param bits the binary16 bits
     * @return the same number as float32
     */
    public static float toFloat(short bits) {
        return Float.float16ToFloat(bits);
    }

    /**
     * Narrows one value, to nearest even.
     *
     * @param value a float32
     * @return the nearest binary16's bits
     */
    public static short fromFloat(float value) {
        return Float.floatToFloat16(value);
    }

    /**
     * Rounds a float32 to the nearest number that a binary16 holds.
     *
     * @param value a float32
     * @return the rounded value, still as float32
     */
    public static float round(float value) {
        return toFloat(fromFloat(value));
    }
}
