package io.djlnpu.tile;

/**
 * What the DMA of one kind of tile offers.
 *
 * @param inputChannels channels that write into the tile's memory; of a shim tile those that bring
 *     data from DDR into the array
 * @param outputChannels channels that read from the tile's memory; of a shim tile those that take
 *     data to DDR
 * @param descriptors buffer descriptors
 * @param locks semaphores
 */
public record TileLimits(int inputChannels, int outputChannels, int descriptors, int locks) {

    /** Checks the numbers. */
    public TileLimits {
        Positive.require("inputChannels", inputChannels);
        Positive.require("outputChannels", outputChannels);
        Positive.require("descriptors", descriptors);
        Positive.require("locks", locks);
    }
}
