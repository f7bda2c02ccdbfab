package io.djlnpu.machine;

import io.djlnpu.aie2p.GateRow;
import io.djlnpu.aie2p.NormRow;
import io.djlnpu.aie2p.ResidualRow;
import io.djlnpu.aie2p.RotateHead;
import io.djlnpu.machine.RowDesign.Operand;
import io.djlnpu.tile.CoreRates;
import io.djlnpu.tile.NpuDevice;
import java.util.Arrays;
import java.util.List;

/** The kernels that work row by row. All buffers are bf16. */
public final class RowDesigns {

    private static final int MOST_SLICE = 1024;

    private RowDesigns() {}

    private static CoreRates rates(NpuDevice device) {
        return device.core();
    }

    /**
     * RMS norm.
     *
     * @param device whose rates count
     * @param rows {@code [rows, width]}
     * @param weight {@code [width]}, {@code 1 + w}
     * @param result {@code [rows, width]}
     * @param epsilon added to the mean square
     * @return the design
     */
    public static KernelDesign norm(
            NpuDevice device, Region rows, Region weight, Region result, float epsilon) {
        int width = weight.bytes() / 2;
        return new RowDesign(
                "RmsNorm",
                weight,
                List.of(new Operand("rows", rows, 1)),
                result,
                rows.bytes() / weight.bytes(),
                1,
                width * rates(device).normCyclesPerElement().value(),
                (w, x, none, y) -> {
                    float[] row = x.bf16(0, width);
                    NormRow.apply(row, 0, width, w.bf16(0, width), 0, epsilon);
                    y.putBf16(0, row, width);
                });
    }

    /**
     * Sum of two vectors of rows.
     *
     * @param device whose rates count
     * @param rows {@code [rows, width]}
     * @param added {@code [rows, width]}
     * @param result {@code [rows, width]}
     * @param width of a row
     * @return the design
     */
    public static KernelDesign residual(
            NpuDevice device, Region rows, Region added, Region result, int width) {
        return slices(
                "Residual",
                List.of(new Operand("rows", rows, 1), new Operand("added", added, 1)),
                result,
                width,
                rates(device).moveCyclesPerElement().value(),
                ResidualRow::add);
    }

    /**
     * The gate of an MLP.
     *
     * @param device whose rates count
     * @param activation of the gate
     * @param gate {@code [rows, width]}
     * @param up {@code [rows, width]}
     * @param result {@code [rows, width]}
     * @param width of a row
     * @return the design
     */
    public static KernelDesign gate(
            NpuDevice device,
            GateRow.Activation activation,
            Region gate,
            Region up,
            Region result,
            int width) {
        return slices(
                "GegluMul",
                List.of(new Operand("gate", gate, 1), new Operand("up", up, 1)),
                result,
                width,
                rates(device).gateCyclesPerElement().value(),
                (x, y, count) -> GateRow.apply(activation, x, y, count));
    }

    private interface SliceKernel {

        void apply(float[] x, float[] y, int count);
    }

    /** Element by element, in slices that divide a row. */
    private static KernelDesign slices(
            String name,
            List<Operand> operands,
            Region result,
            int width,
            double cyclesPerElement,
            SliceKernel kernel) {
        int slice = slice(width);
        return new RowDesign(
                name,
                null,
                operands,
                result,
                result.bytes() / 2 / slice,
                1,
                slice * cyclesPerElement,
                (none, x, y, out) -> {
                    float[] first = x.bf16(0, slice);
                    kernel.apply(first, y.bf16(0, slice), slice);
                    out.putBf16(0, first, slice);
                });
    }

    /** The greatest even divisor that a slot holds: a DMA's step is 4 bytes. */
    private static int slice(int width) {
        int slice = Math.min(width, MOST_SLICE) & ~1;
        while (slice > 2 && width % slice != 0) {
            slice -= 2;
        }
        if (width % 2 != 0) {
            throw new IllegalArgumentException("a row of " + width + " bf16: widths must be even");
        }
        return slice;
    }

    /**
     * Norm of each head, then rotation.
     *
     * @param device whose rates count
     * @param heads {@code [tokens, heads, headDim]}
     * @param weight {@code [headDim]}, {@code 1 + w}
     * @param angles {@code [tokens, headDim]}: cosines, then sines
     * @param result {@code [tokens, heads, headDim]}
     * @param epsilon added to the mean square
     * @return the design
     */
    public static KernelDesign headNormRotate(
            NpuDevice device,
            Region heads,
            Region weight,
            Region angles,
            Region result,
            float epsilon) {
        int headDim = weight.bytes() / 2;
        int tokens = angles.bytes() / weight.bytes();
        int rows = heads.bytes() / weight.bytes();
        double cycles =
                headDim
                        * (rates(device).normCyclesPerElement().value()
                                + rates(device).moveCyclesPerElement().value());
        return new RowDesign(
                "Rope",
                weight,
                List.of(
                        new Operand("heads", heads, 1),
                        new Operand("angles", angles, rows / tokens)),
                result,
                rows,
                rows / tokens,
                cycles,
                (w, x, turn, y) -> {
                    float[] head = x.bf16(0, headDim);
                    float[] both = turn.bf16(0, headDim);
                    NormRow.apply(head, 0, headDim, w.bf16(0, headDim), 0, epsilon);
                    float[] sines = Arrays.copyOfRange(both, headDim / 2, headDim);
                    RotateHead.apply(head, 0, headDim, both, sines);
                    y.putBf16(0, head, headDim);
                });
    }
}
