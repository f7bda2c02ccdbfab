package io.djlnpu.timing;

import io.djlnpu.tile.Quantity;
import io.djlnpu.tile.Quantity.Confidence;
import io.djlnpu.tile.Work;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What counts and seconds cost in joules.
 *
 * <p>No picojoule of this NPU was ever published. Those of operations and bytes are of like
 * circuits of other chips, brought to its process: together they come to 0.4 to 0.5 pJ a bf16
 * product of a prompt, and a whole NPU in 4 nm was measured at 0.47 (4.26 TFLOP/s a watt in FP16,
 * JSSC 58, 2023). Idle clocks and barriers are fitted on published powers.
 *
 * @param mac picojoules of a bf16 multiply-accumulate in the matrix unit
 * @param vectorCycle picojoules of a cycle of the vector unit, 32 products of bf16 summed in
 *     float32
 * @param l1 picojoules of a byte in a core's memory
 * @param l2 picojoules of a byte in a mem tile
 * @param noc picojoules of a byte over the stream switches
 * @param ddr picojoules of a byte from memory
 * @param leakage watts of the powered NPU
 * @param idle watts of the array's clocks while cores wait, at the top DPM step
 * @param barrier watts on top while the array waits at a barrier of decode: cores poll their locks,
 *     and the next commands are dispatched
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
        Quantity barrier,
        Quantity restDecode,
        Quantity restPrefill) {

    private static final String TO_4_NM =
            "; times 0.574 for the steps to N5 (power -30 %) and N4P (efficiency +22 %)";

    private static final String JOUPPI = "Jouppi et al., ISCA 2021, table 2, 7 nm: ";

    private static final String WIRE = "50 fJ a bit and mm of wire in 5 nm (Dally, NOCS 2022)";

    private static final String POWERS =
            "least squares of the logarithms over five published powers: the paper's NPU rail for 1B"
                    + " and 4B in decode and prefill, and 5.2 W of an encoder on an HX 370";

    /** The paper's machine. */
    public static final EnergyTable KRACKAN =
            new EnergyTable(
                    derived(
                            0.115,
                            JOUPPI
                                    + "int8 product 0.07 and int32 sum 0.03, both twice for bf16 by"
                                    + " way of block floats"
                                    + TO_4_NM),
                    derived(10.8, JOUPPI + "32 bf16 products 0.21 and fp32 sums 0.38" + TO_4_NM),
                    derived(
                            0.4,
                            "Dally et al., CACM 63(7), 2020: 50 fJ a bit of an 8 KB memory in"
                                    + " 14 nm; a core's banks are of 8 KB"),
                    derived(0.6, "a bank of 8 KB, as in L1, and 0.5 mm at " + WIRE),
                    derived(0.8, WIRE + "; 2 mm between mem tile and core are assumed"),
                    assumed(36, "LPDDR5X at 4.5 pJ a bit, controller included"),
                    assumed(
                            0.3,
                            "no figure known; the powers tell only its sum with the idle clocks"),
                    new Quantity(0.16, Confidence.FITTED, POWERS),
                    new Quantity(2.57, Confidence.FITTED, POWERS),
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
        entries.put("barriers in decode, W", barrier);
        entries.put("other rails in decode, W", restDecode);
        entries.put("other rails in prefill, W", restPrefill);
        return entries;
    }

    private static Quantity derived(double value, String source) {
        return new Quantity(value, Confidence.DERIVED, source);
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

    /**
     * Prices time in which no kernel runs: dispatches, hand-overs, and the barriers of decode.
     *
     * @param seconds the time
     * @param prefill whether it is part of prefill
     * @return joules
     */
    public Energy between(double seconds, boolean prefill) {
        Energy waiting = waiting(seconds, prefill);
        return prefill ? waiting : waiting.plus(new Energy(seconds * barrier.value(), 0, 0));
    }
}
