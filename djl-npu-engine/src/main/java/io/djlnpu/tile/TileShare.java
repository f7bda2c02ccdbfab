package io.djlnpu.tile;

/**
 * What one compute tile, or a pair of them, owns of a kernel's work: the units {@code first},
 * {@code first + stride} and so on, below {@code end}.
 *
 * @param tile the tile; the lower one of a pair
 * @param first first unit; what a unit is, the kernel says (32 output rows, a block of one head's
 *     queries, a token)
 * @param end above the last unit
 * @param stride from a unit to the next
 */
public record TileShare(ComputeTile tile, int first, int end, int stride) {

    /**
     * Describes a contiguous share.
     *
     * @param tile the tile
     * @param first first unit
     * @param end one past the last unit
     */
    public TileShare(ComputeTile tile, int first, int end) {
        this(tile, first, end, 1);
    }

    /**
     * Returns the size of the share.
     *
     * @return units
     */
    public int units() {
        return Math.ceilDiv(end - first, stride);
    }
}
