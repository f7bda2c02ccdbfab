package io.djlnpu.tile;

/**
 * A core of the array.
 *
 * @param column from the left, 0 first
 * @param row from the shim; compute tiles start at row 2
 */
public record ComputeTile(int column, int row) {}
