package io.djlnpu.tile;

/**
 * What one compute tile owns of a kernel's work.
 *
 * @param tile the tile
 * @param first first unit; what a unit is, the kernel says (32 output rows, a head's queries, a
 *     token)
 * @param end one past the last unit
 */
public record TileShare(ComputeTile tile, int first, int end) {}
