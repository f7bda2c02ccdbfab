package io.djlnpu.machine;

/** A kernel for a shape: which tiles, fifos, taps, programs and host sequence. */
public interface KernelDesign {

    /**
     * Names the kernel.
     *
     * @return its name
     */
    String name();

    /**
     * Says what mends a design that does not fit.
     *
     * @return an instruction
     */
    String remedy();

    /**
     * Lays the kernel out.
     *
     * @param array receives tiles, fifos and workers
     * @param host receives descriptors
     */
    void layOut(TileArray array, HostSequence host);
}
