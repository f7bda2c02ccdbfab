package io.djlnpu.timing;

import io.djlnpu.tile.Quantity;
import io.djlnpu.tile.Quantity.Confidence;
import io.djlnpu.tile.Work;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What counts and seconds cost in joules.
 *
 * @param mac picojoules of a bf16 multiply-accumulate in the matrix unit
 * @param vectorCycle picojoules of a cycle of the vector unit, 16 lanes of float32
 * @param l1 picojoules of a byte in a core's memory
 * @param l2 picojoules of a byte in a mem tile
 * @param noc picojoules of a byte over the stream switches
 * @param ddr picojoules of a byte from memory
 * @param leakage watts of the powered NPU
 * @param idle watts of the array's clocks while cores wait, at the top DPM step
 * @param restDecode watts of the package's other rails while the NPU decodes
 * @param restPrefill watts of the package's other rails while the NPU prefills
 */
public record EnergyTable(
        Quantity mac,
        Quantity vectorCycle,
        Quantity l1,
        Quantity l2,
        Quantity noc,
        Quantity ddr,
        Quantity leakage,
        Quantity idle,
        Quantity restDecode,
        Quantity restPrefill) {

    private static final String SEVEN_NANOMETRES = "Jouppi et al., ISCA 2021, table 2, 7 nm: ";

    /** The paper's machine. Picojoules are another chip's, of a process one step older. */
    public static final EnergyTable KRACKAN =
            new EnergyTable(
                    assumed(
                            0.2,
                            SEVEN_NANOMETRES
                                    + "int8 product 0.07 and int32 sum 0.03, as block floats use"
                                    + " them, twice for bf16"),
                    assumed(27, SEVEN_NANOMETRES + "16 lanes of fp32 product 1.31 and sum 0.38"),
                    assumed(0.94, SEVEN_NANOMETRES + "8 KB SRAM, 7.5 pJ for 8 bytes"),
                    assumed(1.3, SEVEN_NANOMETRES + "between 32 KB and 1 MB SRAM, 8.5 and 14 pJ"),
                    assumed(2, "0.08 pJ a bit and millimetre over 3 mm"),
                    assumed(36, "LPDDR5X at 4.5 pJ a bit"),
                    assumed(0.3, "a sixth of the rail in decode"),
                    new Quantity(
                            0.9, Confidence.FITTED, "paper: NPU rail while the 1B decodes, 1.8 W"),
                    new Quantity(
                            2.85, Confidence.MEASURED, "paper: CPU rail in decode, mean of 1B, 4B"),
                    new Quantity(
                            3.25,
                            Confidence.MEASURED,
                            "paper: GPU column in prefill, mean of 1B and 4B"));

    /**
     * Lists the entries.
     *
     * @return quantities by name and unit
     */
    public Map<String, Quantity> entries() {
        Map<String, Quantity> entries = new LinkedHashMap<>();
        entries.put("bf16 MAC, pJ", mac);
        entries.put("vector cycle, pJ", vectorCycle);
        entries.put("byte at L1, pJ", l1);
        entries.put("byte at L2, pJ", l2);
        entries.put("byte over the switches, pJ", noc);
        entries.put("byte at DDR, pJ", ddr);
        entries.put("leakage, W", leakage);
        entries.put("idle clocks, W", idle);
        entries.put("other rails in decode, W", restDecode);
        entries.put("other rails in prefill, W", restPrefill);
        return entries;
    }

    private static Quantity assumed(double value, String source) {
        return new Quantity(value, Confidence.ASSUMED, source);
    }

    /**
     * Prices work and the time that it takes.
     *
     * @param work what is moved and computed
     * @param seconds its time
     * @param prefill whether it is part of prefill
     * @return joules
     */
    public Energy of(Work work, double seconds, boolean prefill) {
        double picojoules =
                work.matrixMacs() * mac.value()
                        + work.vectorCycles() * vectorCycle.value()
                        + work.l1Bytes() * l1.value()
                        + work.l2Bytes() * l2.value()
                        + work.nocBytes() * noc.value();
        Energy moved = new Energy(1e-12 * picojoules, 1e-12 * work.ddrBytes() * ddr.value(), 0);
        return moved.plus(waiting(seconds, prefill));
    }

    /**
     * Prices time alone.
     *
     * @param seconds the time
     * @param prefill whether it is part of prefill
     * @return joules
     */
    public Energy waiting(double seconds, boolean prefill) {
        return new Energy(
                seconds * (leakage.value() + idle.value()),
                0,
                seconds * (prefill ? restPrefill : restDecode).value());
    }
}
