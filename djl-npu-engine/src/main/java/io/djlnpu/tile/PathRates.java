package io.djlnpu.tile;

/**
 * How fast bytes move.
 *
 * @param ddr bytes per second between DDR and the array, read and write together
 * @param stream bytes per second of a column between its shim tile and its cores, each way
 */
public record PathRates(Quantity ddr, Quantity stream) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is missing or not positive
     */
    public PathRates {
        Positive.require("ddr", ddr);
        Positive.require("stream", stream);
    }
}
