package io.djlnpu.ndarray;

/** Narrows a double to the float from which a second narrowing still rounds right. */
final class RoundToOdd {

    private RoundToOdd() {}

    /**
     * The float next to {@code value}; of the two around an inexact one, that with the odd
     * mantissa. Rounding it once more to 11 or 8 bits gives what rounding {@code value} directly
     * would have given, which rounding to nearest twice does not.
     */
    static float toFloat(double value) {
        float nearest = (float) value;
        if (nearest == value
                || Float.isNaN(nearest)
                || (Float.floatToRawIntBits(nearest) & 1) == 1) {
            return nearest;
        }
        if (Float.isInfinite(nearest)) {
            return nearest;
        }
        return nearest < value ? Math.nextUp(nearest) : Math.nextDown(nearest);
    }
}
