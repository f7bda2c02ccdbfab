package io.djlnpu.tile;

import java.util.List;

/**
 * One kernel on one device: who computes what, and how much is moved and multiplied.
 *
 * @param kernel name of the kernel
 * @param shares what each compute tile, or pair of tiles, owns
 * @param tilesPerShare compute tiles that work on one share: 2 where a score tile feeds a value
 *     tile
 * @param work what is moved and computed
 * @param demand what the plan asks of L1, L2 and the DMA
 * @param misfits which limits of the device the plan breaks, and by how much; empty if it fits
 * @param reason why the plan was chosen among others; empty where there was no choice
 */
public record DataflowPlan(
        String kernel,
        List<TileShare> shares,
        int tilesPerShare,
        Work work,
        TileDemand demand,
        List<String> misfits,
        String reason) {

    /** Copies the lists. */
    public DataflowPlan {
        shares = List.copyOf(shares);
        misfits = List.copyOf(misfits);
    }

    /**
     * Makes a plan and checks it against the device.
     *
     * @param device the device
     * @param kernel name of the kernel
     * @param shares what each compute tile owns
     * @param work what is moved and computed
     * @param demand what the plan asks of L1, L2 and the DMA
     * @return the plan
     */
    public static DataflowPlan of(
            NpuDevice device, String kernel, List<TileShare> shares, Work work, TileDemand demand) {
        return new DataflowPlan(
                kernel, shares, 1, work, demand, demand.misfits(kernel, device), "");
    }

    /**
     * Makes a plan of pairs of tiles and checks it against the device.
     *
     * @param device the device
     * @param kernel name of the kernel
     * @param shares what each pair owns
     * @param work what is moved and computed
     * @param demand what the plan asks of L1, L2 and the DMA
     * @return the plan
     */
    public static DataflowPlan ofPairs(
            NpuDevice device, String kernel, List<TileShare> shares, Work work, TileDemand demand) {
        return new DataflowPlan(
                kernel, shares, 2, work, demand, demand.misfits(kernel, device), "");
    }

    /**
     * Returns the plan under another kernel's name.
     *
     * @param other name of the kernel
     * @return the same counts
     */
    public DataflowPlan named(String other) {
        return new DataflowPlan(other, shares, tilesPerShare, work, demand, misfits, reason);
    }

    /**
     * Returns the plan with the reason of its choice.
     *
     * @param why the reason
     * @return the same counts
     */
    public DataflowPlan because(String why) {
        return new DataflowPlan(kernel, shares, tilesPerShare, work, demand, misfits, why);
    }

    /**
     * Returns the plan where operands and results stay in the mem tiles.
     *
     * @return the same plan without a byte over DDR
     */
    public DataflowPlan withinL2() {
        return new DataflowPlan(
                kernel, shares, tilesPerShare, work.withinL2(), demand, misfits, reason);
    }

    /**
     * Tells whether the device can run the plan.
     *
     * @return true if no limit is broken
     */
    public boolean fits() {
        return misfits.isEmpty();
    }

    /**
     * Returns the multiply-accumulates.
     *
     * @return over all tiles
     */
    public long macs() {
        return work.macs();
    }

    /**
     * Returns what crosses from DDR.
     *
     * @return bytes
     */
    public long ddrReadBytes() {
        return work.ddrReadBytes();
    }

    /**
     * Returns what crosses to DDR.
     *
     * @return bytes
     */
    public long ddrWriteBytes() {
        return work.ddrWriteBytes();
    }
}
