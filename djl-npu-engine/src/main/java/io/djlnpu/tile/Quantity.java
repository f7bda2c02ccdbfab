package io.djlnpu.tile;

/**
 * A number of the machine, with what it rests on.
 *
 * @param value in the unit that the owner's documentation gives
 * @param confidence how it was come by
 * @param source where it stands, or what it was fitted on
 */
public record Quantity(double value, Confidence confidence, String source) {

    /** How a number was come by. */
    public enum Confidence {
        /** Measured on the device, by the source. */
        MEASURED,
        /** Stated by the maker. */
        DATASHEET,
        /** Computed from figures that were published for like circuits of another chip. */
        DERIVED,
        /** Chosen so that named measurements come out right. */
        FITTED,
        /** A guess. */
        ASSUMED
    }

    /**
     * Returns the same quantity with another value, for a what-if.
     *
     * @param other the value
     * @return a quantity that says it was assumed
     */
    public Quantity assume(double other) {
        return new Quantity(other, Confidence.ASSUMED, "what-if");
    }
}
