package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;

/** Plain Java {@link Elementwise}. */
final class ScalarElementwise implements Elementwise {

    @Override
    public void rmsNorm(
            MemorySegment x,
            long xIndex,
            MemorySegment weight,
            int length,
            float epsilon,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        float sum = 0;
        for (int i = 0; i < length; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, xIndex + i);
            sum = Math.fma(value, value, sum);
        }
        float factor = 1 / (float) Math.sqrt(sum / length + epsilon);
        for (int i = 0; i < length; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, xIndex + i) * factor;
            put(y, yIndex + i, value * weight.getAtIndex(JAVA_FLOAT, i), narrow);
        }
    }

    @Override
    public void add(
            MemorySegment x,
            long xIndex,
            MemorySegment y,
            long yIndex,
            int length,
            boolean narrow) {
        for (int i = 0; i < length; i++) {
            float sum = x.getAtIndex(JAVA_FLOAT, xIndex + i) + y.getAtIndex(JAVA_FLOAT, yIndex + i);
            put(x, xIndex + i, sum, narrow);
        }
    }

    @Override
    public void gateMul(
            MemorySegment gate,
            long gateIndex,
            MemorySegment up,
            long upIndex,
            int length,
            GateActivation activation,
            boolean narrow) {
        float cubic = Exponential.cubic(activation);
        float slope = Exponential.slope(activation);
        for (int i = 0; i < length; i++) {
            float activated =
                    Exponential.gate(gate.getAtIndex(JAVA_FLOAT, gateIndex + i), cubic, slope);
            put(gate, gateIndex + i, activated * up.getAtIndex(JAVA_FLOAT, upIndex + i), narrow);
        }
    }

    @Override
    public void rotate(
            MemorySegment x,
            long xIndex,
            MemorySegment cosines,
            MemorySegment sines,
            long angleIndex,
            int half,
            boolean narrow) {
        for (int i = 0; i < half; i++) {
            float cos = cosines.getAtIndex(JAVA_FLOAT, angleIndex + i);
            float sin = sines.getAtIndex(JAVA_FLOAT, angleIndex + i);
            float first = x.getAtIndex(JAVA_FLOAT, xIndex + i);
            float second = x.getAtIndex(JAVA_FLOAT, xIndex + half + i);
            put(x, xIndex + i, Math.fma(first, cos, -(second * sin)), narrow);
            put(x, xIndex + half + i, Math.fma(second, cos, first * sin), narrow);
        }
    }

    @Override
    public void scale(MemorySegment x, long xIndex, float factor, int length, boolean narrow) {
        for (int i = 0; i < length; i++) {
            put(x, xIndex + i, x.getAtIndex(JAVA_FLOAT, xIndex + i) * factor, narrow);
        }
    }

    @Override
    public long greatest(MemorySegment x, long xIndex, int length) {
        long best = xIndex;
        for (long i = xIndex + 1; i < xIndex + length; i++) {
            if (x.getAtIndex(JAVA_FLOAT, i) > x.getAtIndex(JAVA_FLOAT, best)) {
                best = i;
            }
        }
        return best;
    }

    private static void put(MemorySegment segment, long index, float value, boolean narrow) {
        segment.setAtIndex(JAVA_FLOAT, index, narrow ? Bfloat16.round(value) : value);
    }
}
