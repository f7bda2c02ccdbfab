package io.djlnpu.machine;

import io.djlnpu.tile.NpuDevice;

/**
 * A run of a kernel on the machine.
 *
 * @param machine after the run
 * @param l1Bytes of the fullest core
 * @param memoryMaps of all tiles
 */
public record KernelRun(Machine machine, long l1Bytes, String memoryMaps) {

    /**
     * Runs a kernel; its results are in the DDR buffers of the design.
     *
     * @param device to run on
     * @param design what to run
     * @return the run
     * @throws DesignException if the device cannot hold the design
     * @throws DeadlockException if the design cannot proceed
     * @throws PoisonException if it reads what nothing wrote
     */
    public static KernelRun of(NpuDevice device, KernelDesign design) {
        Machine machine = new Machine(device);
        TileArray array = new TileArray(machine, design.name(), design.remedy());
        HostSequence host = new HostSequence();
        design.layOut(array, host);
        array.check();
        machine.run(host);
        return new KernelRun(machine, array.mostL1(), array.maps());
    }

    /**
     * Returns the time.
     *
     * @return seconds, without what the host's driver adds
     */
    public double seconds() {
        return machine.seconds();
    }

    /**
     * Returns what was moved.
     *
     * @return bytes by level
     */
    public Traffic traffic() {
        return machine.traffic();
    }
}
