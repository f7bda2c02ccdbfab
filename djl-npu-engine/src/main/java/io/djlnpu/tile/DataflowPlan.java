package io.djlnpu.tile;

import java.util.List;

/**
 * One kernel on one device: who computes what, and how much is moved and multiplied.
 *
 * @param kernel name of the kernel
 * @param shares what each compute tile owns
 * @param macs multiply-accumulates
 * @param ddrReadBytes bytes that cross from DDR into the array
 * @param ddrWriteBytes bytes that cross back
 * @param demand what the plan asks of L1, L2 and the DMA
 * @param misfits which limits of the device the plan breaks, and by how much; empty if it fits
 * @param reason why the plan was chosen among others; empty where there was no choice
 */
public record DataflowPlan(
        String kernel,
        List<TileShare> shares,
        long macs,
        long ddrReadBytes,
        long ddrWriteBytes,
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
     * @param macs multiply-accumulates
     * @param ddrReadBytes bytes that cross from DDR into the array
     * @param ddrWriteBytes bytes that cross back
     * @param demand what the plan asks of L1, L2 and the DMA
     * @return the plan
     */
    public static DataflowPlan of(
            NpuDevice device,
            String kernel,
            List<TileShare> shares,
            long macs,
            long ddrReadBytes,
            long ddrWriteBytes,
            TileDemand demand) {
        return new DataflowPlan(
                kernel,
                shares,
                macs,
                ddrReadBytes,
                ddrWriteBytes,
                demand,
                demand.misfits(kernel, device),
                "");
    }

    /**
     * Returns the plan under another kernel's name.
     *
     * @param other name of the kernel
     * @return the same counts
     */
    public DataflowPlan named(String other) {
        return new DataflowPlan(
                other, shares, macs, ddrReadBytes, ddrWriteBytes, demand, misfits, reason);
    }

    /**
     * Returns the plan with the reason of its choice.
     *
     * @param why the reason
     * @return the same counts
     */
    public DataflowPlan because(String why) {
        return new DataflowPlan(
                kernel, shares, macs, ddrReadBytes, ddrWriteBytes, demand, misfits, why);
    }

    /**
     * Tells whether the device can run the plan.
     *
     * @return true if no limit is broken
     */
    public boolean fits() {
        return misfits.isEmpty();
    }
}
