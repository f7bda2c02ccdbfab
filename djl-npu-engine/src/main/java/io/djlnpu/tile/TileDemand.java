package io.djlnpu.tile;

import java.util.ArrayList;
import java.util.List;

/**
 * What a plan asks of the fullest compute tile and of the mem tiles.
 *
 * @param objectBytes bytes of one object of the streamed input fifo; two are in flight
 * @param l1Bytes all buffers of the compute tile
 * @param l2Bytes what is staged in the mem tiles together
 * @param inputChannels input DMA channels of the compute tile
 * @param outputChannels output DMA channels of the compute tile
 */
public record TileDemand(
        int objectBytes, int l1Bytes, long l2Bytes, int inputChannels, int outputChannels) {

    /**
     * Describes a kernel that streams through L1 and stages nothing in L2.
     *
     * @param objectBytes bytes of one object of the streamed input fifo
     * @param l1Bytes all buffers of the compute tile
     * @param inputChannels input DMA channels of the compute tile
     * @return the demand, with one output channel
     */
    public static TileDemand streaming(int objectBytes, int l1Bytes, int inputChannels) {
        return new TileDemand(objectBytes, l1Bytes, 0, inputChannels, 1);
    }

    /**
     * Returns the buffer descriptors of the compute tile's DMA: one a slot of each fifo.
     *
     * @return descriptors
     */
    public int descriptors() {
        return ObjectFifo.PING_PONG * (inputChannels + outputChannels);
    }

    /**
     * Compares with the device.
     *
     * @param kernel whose demand it is, for the message
     * @param device the device
     * @return which limits are broken and by how much; empty if none
     */
    List<String> misfits(String kernel, NpuDevice device) {
        List<String> broken = new ArrayList<>();
        check(broken, kernel, device, "bytes of L1", l1Bytes, device.l1Bytes());
        check(broken, kernel, device, "bytes of L2", l2Bytes, device.totalL2Bytes());
        check(broken, kernel, device, "input channels", inputChannels, NpuDevice.CORE_CHANNELS);
        check(broken, kernel, device, "output channels", outputChannels, NpuDevice.CORE_CHANNELS);
        check(broken, kernel, device, "descriptors", descriptors(), NpuDevice.CORE_DESCRIPTORS);
        return broken;
    }

    private static void check(
            List<String> broken,
            String kernel,
            NpuDevice device,
            String what,
            long needed,
            long available) {
        if (needed > available) {
            broken.add(
                    kernel
                            + " needs "
                            + needed
                            + " "
                            + what
                            + ", "
                            + (needed - available)
                            + " more than "
                            + device.name()
                            + " has");
        }
    }
}
