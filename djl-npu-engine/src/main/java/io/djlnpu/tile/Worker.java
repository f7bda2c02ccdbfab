package io.djlnpu.tile;

/**
 * A core's loop: take an object, compute, give an object. A pair of tiles that work on one share is
 * one worker.
 *
 * @param tile the core
 * @param input what it takes, from its column's mem tile
 * @param output what it gives, to its column's mem tile
 * @param steps how often
 * @param readBytes bytes that cross from DDR for one step; fewer than the object's where the mem
 *     tile gives it more than once
 * @param writeBytes bytes that cross to DDR for one step
 * @param macs multiply-accumulates of one step
 * @param cycles busy cycles of one step
 */
public record Worker(
        ComputeTile tile,
        ObjectFifo input,
        ObjectFifo output,
        int steps,
        long readBytes,
        long writeBytes,
        long macs,
        double cycles) {

    /**
     * Returns the time of one step's computation.
     *
     * @param device the device
     * @return seconds
     */
    public double stepSeconds(NpuDevice device) {
        return cycles / device.core().clock().value();
    }
}
