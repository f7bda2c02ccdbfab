package io.djlnpu.tile;

import io.djlnpu.tile.Quantity.Confidence;

/**
 * What one compute tile does in a cycle.
 *
 * @param clock cycles per second of the array
 * @param macsPerCycle bf16 multiply-accumulates of a tuned matrix product
 * @param vectorMacsPerCycle bf16 multiply-accumulates of a matrix times one vector
 * @param dequantCyclesPerBlock cycles to expand a Q4NX block of 32 by 256 weights and, in decode,
 *     to multiply it with a vector
 * @param softmaxCyclesPerScore cycles of the online softmax for one score
 * @param normCyclesPerElement cycles of RMSNorm for one element
 * @param gateCyclesPerElement cycles of activation and product for one element of the MLP's gate
 * @param moveCyclesPerElement cycles of a rotation or a sum for one element
 */
public record CoreRates(
        Quantity clock,
        Quantity macsPerCycle,
        Quantity vectorMacsPerCycle,
        Quantity dequantCyclesPerBlock,
        Quantity softmaxCyclesPerScore,
        Quantity normCyclesPerElement,
        Quantity gateCyclesPerElement,
        Quantity moveCyclesPerElement) {

    private static final String ELEMENTWISE =
            "mlir-air kernel registry, whole-array rate, taken as one tile a column: ";

    /** A core of XDNA2. */
    static final CoreRates XDNA2 =
            new CoreRates(
                    new Quantity(1.8e9, Confidence.MEASURED, "top DPM step; 1.808 GHz measured"),
                    new Quantity(
                            104.2,
                            Confidence.MEASURED,
                            "12.0 TOPS on 32 tiles: arXiv 2602.06063 with 256 x 256 x 512"
                                    + " megatiles, arXiv 2606.11357 with 4-bit weights"),
                    new Quantity(
                            32,
                            Confidence.MEASURED,
                            "bf16 without the matrix unit, 25 to 32 (Npu-Embeddings, task 49)"),
                    new Quantity(
                            2256,
                            Confidence.MEASURED,
                            "mlir-air fused_decode: 140 to 142 bundles a step, 8 x 2 steps a"
                                    + " block, a bundle a cycle"),
                    new Quantity(
                            3.1,
                            Confidence.MEASURED,
                            "mlir-air flash attention: 3.43 TFLOP/s on 32 tiles, 16k by 16k, heads"
                                    + " of 64: 4.30 cycles a score, of which its 128 products take"
                                    + " 1.23"),
                    new Quantity(2.74, Confidence.MEASURED, ELEMENTWISE + "RMSNorm 18 to 25 GB/s"),
                    new Quantity(
                            3.7, Confidence.MEASURED, ELEMENTWISE + "SiLU and product 22 to 25"),
                    new Quantity(1, Confidence.MEASURED, ELEMENTWISE + "RoPE up to 57 GB/s"));

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is missing or not positive
     */
    public CoreRates {
        Positive.require("clock", clock);
        Positive.require("macsPerCycle", macsPerCycle);
        Positive.require("vectorMacsPerCycle", vectorMacsPerCycle);
        Positive.require("dequantCyclesPerBlock", dequantCyclesPerBlock);
        Positive.require("softmaxCyclesPerScore", softmaxCyclesPerScore);
        Positive.require("normCyclesPerElement", normCyclesPerElement);
        Positive.require("gateCyclesPerElement", gateCyclesPerElement);
        Positive.require("moveCyclesPerElement", moveCyclesPerElement);
    }

    CoreRates withClock(double other) {
        return new CoreRates(
                clock.assume(other),
                macsPerCycle,
                vectorMacsPerCycle,
                dequantCyclesPerBlock,
                softmaxCyclesPerScore,
                normCyclesPerElement,
                gateCyclesPerElement,
                moveCyclesPerElement);
    }

    CoreRates withMacsPerCycle(double other) {
        return new CoreRates(
                clock,
                macsPerCycle.assume(other),
                vectorMacsPerCycle,
                dequantCyclesPerBlock,
                softmaxCyclesPerScore,
                normCyclesPerElement,
                gateCyclesPerElement,
                moveCyclesPerElement);
    }
}
