package io.djlnpu.tile;

/**
 * What a plan moves and computes, over all tiles.
 *
 * @param macs multiply-accumulates
 * @param matrixCycles busy cycles of all cores' matrix units together
 * @param vectorCycles busy cycles of all cores' vector units together, in which the matrix unit
 *     waits
 * @param ddrReadBytes bytes that cross from DDR into the array
 * @param ddrWriteBytes bytes that cross back
 * @param streamBytes bytes of each column's busiest stream from its mem tile, over all columns; a
 *     broadcast down a column counts once
 * @param deliveredBytes bytes that arrive in the cores' memories, a broadcast counted once a core
 * @param coreBytes bytes that the cores load from and store to their own memories
 */
public record Work(
        long macs,
        double matrixCycles,
        double vectorCycles,
        long ddrReadBytes,
        long ddrWriteBytes,
        long streamBytes,
        long deliveredBytes,
        long coreBytes) {

    /**
     * Describes a kernel that streams everything once and broadcasts nothing.
     *
     * @param macs multiply-accumulates
     * @param vectorCycles busy cycles of all cores' vector units together
     * @param readBytes bytes that cores read
     * @param writeBytes bytes that cores write
     * @return the work, all bytes crossing DDR
     */
    public static Work streaming(long macs, double vectorCycles, long readBytes, long writeBytes) {
        return new Work(
                macs,
                0,
                vectorCycles,
                readBytes,
                writeBytes,
                readBytes,
                readBytes,
                readBytes + writeBytes);
    }

    /**
     * Returns the work where operands and results stay in the mem tiles.
     *
     * @return the same work without a byte over DDR
     */
    public Work withinL2() {
        return new Work(
                macs, matrixCycles, vectorCycles, 0, 0, streamBytes, deliveredBytes, coreBytes);
    }

    /**
     * Returns the busy cycles.
     *
     * @return of all cores together
     */
    public double cycles() {
        return matrixCycles + vectorCycles;
    }

    /**
     * Returns the multiply-accumulates of the matrix units.
     *
     * @return all or none: a kernel multiplies in one unit
     */
    public long matrixMacs() {
        return matrixCycles > 0 ? macs : 0;
    }

    /**
     * Returns what crosses DDR.
     *
     * @return bytes, both ways
     */
    public long ddrBytes() {
        return ddrReadBytes + ddrWriteBytes;
    }

    /**
     * Returns what the stream switches carry between mem tiles and cores.
     *
     * @return bytes, both ways
     */
    public long nocBytes() {
        return deliveredBytes + ddrWriteBytes;
    }

    /**
     * Returns what is written to and read from the mem tiles.
     *
     * @return bytes: in from DDR, out to cores, and the results in and out again
     */
    public long l2Bytes() {
        return ddrReadBytes + deliveredBytes + 2 * ddrWriteBytes;
    }

    /**
     * Returns what is written to and read from the cores' memories, by their DMA and by themselves.
     *
     * @return bytes
     */
    public long l1Bytes() {
        return deliveredBytes + ddrWriteBytes + coreBytes;
    }
}
