package io.djlnpu.timing;

import io.djlnpu.tile.Quantity;
import io.djlnpu.tile.Quantity.Confidence;

/**
 * What time and bytes cost in joules.
 *
 * @param decodeWatts the NPU's rail in decode
 * @param prefillWatts the NPU's rail in prefill
 * @param ddrPicojoules picojoules of a byte from memory
 * @param restWatts the other rails of the package while the NPU runs
 */
public record EnergyTable(
        Quantity decodeWatts, Quantity prefillWatts, Quantity ddrPicojoules, Quantity restWatts) {

    /** The paper's machine. */
    public static final EnergyTable KRACKAN =
            new EnergyTable(
                    new Quantity(
                            1.7,
                            Confidence.MEASURED,
                            "paper: NPU rail in decode, mean of 1B and 4B"),
                    new Quantity(
                            1.15,
                            Confidence.MEASURED,
                            "paper: NPU rail in prefill, mean of 1B and 4B"),
                    new Quantity(36, Confidence.ASSUMED, "LPDDR5X at 4.5 pJ a bit"),
                    new Quantity(
                            3.05,
                            Confidence.MEASURED,
                            "paper: CPU and GPU rails while the NPU runs, mean"));

    /** What is counted. */
    public enum Boundary {
        /** The NPU's own rail. */
        NPU,
        /** The NPU and the memory's transfers. */
        NPU_AND_MEMORY,
        /** All rails of the package and the memory. */
        PACKAGE
    }

    /**
     * Prices a run.
     *
     * @param prefill whether it is prefill
     * @param seconds its time
     * @param ddrBytes its bytes
     * @param boundary what is counted
     * @return joules
     */
    public double joules(boolean prefill, double seconds, long ddrBytes, Boundary boundary) {
        double npu = seconds * (prefill ? prefillWatts : decodeWatts).value();
        double memory = ddrBytes * ddrPicojoules.value() * 1e-12;
        return switch (boundary) {
            case NPU -> npu;
            case NPU_AND_MEMORY -> npu + memory;
            case PACKAGE -> npu + memory + seconds * restWatts.value();
        };
    }
}
