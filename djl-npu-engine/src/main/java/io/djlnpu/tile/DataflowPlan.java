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
 * @param l1Bytes the fullest compute tile's buffers
 * @param misfits which limits of the device the plan breaks, and by how much; empty if it fits
 */
public record DataflowPlan(
        String kernel,
        List<TileShare> shares,
        long macs,
        long ddrReadBytes,
        long ddrWriteBytes,
        int l1Bytes,
        List<String> misfits) {

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
     * @param l1Bytes the fullest compute tile's buffers
     * @return the plan
     */
    public static DataflowPlan of(
            NpuDevice device,
            String kernel,
            List<TileShare> shares,
            long macs,
            long ddrReadBytes,
            long ddrWriteBytes,
            int l1Bytes) {
        List<String> misfits =
                l1Bytes <= device.l1Bytes()
                        ? List.of()
                        : List.of(
                                kernel
                                        + " needs "
                                        + l1Bytes
                                        + " bytes of L1, "
                                        + (l1Bytes - device.l1Bytes())
                                        + " more than a tile of "
                                        + device.name()
                                        + " has");
        return new DataflowPlan(
                kernel, shares, macs, ddrReadBytes, ddrWriteBytes, l1Bytes, misfits);
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
