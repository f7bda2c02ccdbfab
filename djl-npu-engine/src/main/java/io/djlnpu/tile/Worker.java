package io.djlnpu.tile;

/**
 * A core's loop: take an object, multiply, give an object.
 *
 * @param tile the core
 * @param input what it takes, from its column's shim tile
 * @param output what it gives, to its column's shim tile
 * @param steps how often
 * @param macsPerStep multiply-accumulates of one step
 */
public record Worker(
        ComputeTile tile, ObjectFifo input, ObjectFifo output, int steps, long macsPerStep) {}
