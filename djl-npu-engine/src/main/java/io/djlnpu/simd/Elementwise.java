package io.djlnpu.simd;

import io.djlnpu.bundle.GateActivation;
import java.lang.foreign.MemorySegment;

/**
 * Row-wise arithmetic between the matrix kernels. All rows are contiguous floats.
 *
 * <p><b>Numerics</b>: float32; where {@code narrow} is set the result is rounded to the nearest
 * bf16.
 */
public interface Elementwise {

    /**
     * RMSNorm: {@code y = x / sqrt(mean(x^2) + epsilon) * weight}.
     *
     * @param x input
     * @param xIndex first float of the input
     * @param weight the norm's weight, {@code 1 + w}
     * @param length floats of the row
     * @param epsilon added to the mean square
     * @param narrow whether to round to bf16
     * @param y output, may be the input
     * @param yIndex first float of the output
     */
    void rmsNorm(
            MemorySegment x,
            long xIndex,
            MemorySegment weight,
            int length,
            float epsilon,
            boolean narrow,
            MemorySegment y,
            long yIndex);

    /**
     * Adds: {@code x += y}.
     *
     * @param x sum and first summand
     * @param xIndex its first float
     * @param y second summand
     * @param yIndex its first float
     * @param length floats of the row
     * @param narrow whether to round to bf16
     */
    void add(
            MemorySegment x, long xIndex, MemorySegment y, long yIndex, int length, boolean narrow);

    /**
     * The gate of a gated MLP: {@code gate = activation(gate) * up}.
     *
     * @param gate gate and result
     * @param gateIndex its first float
     * @param up the other factor
     * @param upIndex its first float
     * @param length floats of the row
     * @param activation the gate's activation
     * @param narrow whether to round to bf16
     */
    void gateMul(
            MemorySegment gate,
            long gateIndex,
            MemorySegment up,
            long upIndex,
            int length,
            GateActivation activation,
            boolean narrow);

    /**
     * Rotates a head: half-split RoPE over the whole head.
     *
     * @param x head, {@code 2 * half} floats, rotated in place
     * @param xIndex its first float
     * @param cosines cosines of the angles
     * @param sines sines of the angles
     * @param angleIndex first float of both
     * @param half half of the head
     * @param narrow whether to round to bf16
     */
    void rotate(
            MemorySegment x,
            long xIndex,
            MemorySegment cosines,
            MemorySegment sines,
            long angleIndex,
            int half,
            boolean narrow);

    /**
     * Multiplies a row by a number.
     *
     * @param x row, scaled in place
     * @param xIndex its first float
     * @param factor the number
     * @param length floats of the row
     * @param narrow whether to round to bf16
     */
    void scale(MemorySegment x, long xIndex, float factor, int length, boolean narrow);

    /**
     * Finds the greatest of a row.
     *
     * @param x the row, without NaN
     * @param xIndex its first float
     * @param length floats of the row, at least 1
     * @return index in the segment; the lowest among equals
     */
    long greatest(MemorySegment x, long xIndex, int length);
}
