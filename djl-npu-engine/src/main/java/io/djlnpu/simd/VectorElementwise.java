package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Elementwise} on the Vector API; what does not fill a vector is done one by one, to the
 * same bits. Results are narrowed where they lie, in a pass of its own: a vector handed to a method
 * of ours is boxed whenever C2 has compiled that method before it inlines it.
 */
final class VectorElementwise implements Elementwise {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int WIDTH = Lanes.COUNT;

    private static final VectorShuffle<Float> ROTATE_8 = rotate(8);
    private static final VectorShuffle<Float> ROTATE_4 = rotate(4);
    private static final VectorShuffle<Float> ROTATE_2 = rotate(2);
    private static final VectorShuffle<Float> ROTATE_1 = rotate(1);

    private static VectorShuffle<Float> rotate(int by) {
        return VectorShuffle.fromOp(FLOATS, i -> (i + by) % WIDTH);
    }

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
        float sum = sumOfSquares(x, xIndex, length);
        float factor = 1 / (float) Math.sqrt(sum / length + epsilon);
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            Lanes.store(
                    Lanes.load(x, xIndex + i).mul(factor).mul(Lanes.load(weight, i)),
                    y,
                    yIndex + i);
        }
        for (; i < length; i++) {
            float scaled = x.getAtIndex(JAVA_FLOAT, xIndex + i) * factor;
            y.setAtIndex(JAVA_FLOAT, yIndex + i, scaled * weight.getAtIndex(JAVA_FLOAT, i));
        }
        if (narrow) {
            narrow(y, yIndex, length);
        }
    }

    /** Whole vectors first, whose lanes are added in the same order everywhere; then the rest. */
    private static float sumOfSquares(MemorySegment x, long xIndex, int length) {
        FloatVector squares = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            FloatVector v = Lanes.load(x, xIndex + i);
            squares = v.fma(v, squares);
        }
        if (WIDTH == 16) {
            squares = squares.add(squares.rearrange(ROTATE_8));
        }
        if (WIDTH >= 8) {
            squares = squares.add(squares.rearrange(ROTATE_4));
        }
        squares = squares.add(squares.rearrange(ROTATE_2));
        float sum = squares.add(squares.rearrange(ROTATE_1)).lane(0);
        for (; i < length; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, xIndex + i);
            sum = Math.fma(value, value, sum);
        }
        return sum;
    }

    @Override
    public void add(
            MemorySegment x,
            long xIndex,
            MemorySegment y,
            long yIndex,
            int length,
            boolean narrow) {
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            Lanes.store(Lanes.load(x, xIndex + i).add(Lanes.load(y, yIndex + i)), x, xIndex + i);
        }
        for (; i < length; i++) {
            float sum = x.getAtIndex(JAVA_FLOAT, xIndex + i) + y.getAtIndex(JAVA_FLOAT, yIndex + i);
            x.setAtIndex(JAVA_FLOAT, xIndex + i, sum);
        }
        if (narrow) {
            narrow(x, xIndex, length);
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
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            long at = 4 * (gateIndex + i);
            FloatVector x = FloatVector.fromMemorySegment(FLOATS, gate, at, LITTLE_ENDIAN);
            FloatVector factor =
                    FloatVector.fromMemorySegment(FLOATS, up, 4 * (upIndex + i), LITTLE_ENDIAN);
            FloatVector exponent = x.mul(cubic).mul(x).fma(x, x).mul(slope);
            x.div(Lanes.exp(exponent).add(1))
                    .mul(factor)
                    .intoMemorySegment(gate, at, LITTLE_ENDIAN);
        }
        for (; i < length; i++) {
            float activated =
                    Exponential.gate(gate.getAtIndex(JAVA_FLOAT, gateIndex + i), cubic, slope);
            gate.setAtIndex(
                    JAVA_FLOAT, gateIndex + i, activated * up.getAtIndex(JAVA_FLOAT, upIndex + i));
        }
        if (narrow) {
            narrow(gate, gateIndex, length);
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
        int i = 0;
        for (; i + WIDTH <= half; i += WIDTH) {
            FloatVector cos = Lanes.load(cosines, angleIndex + i);
            FloatVector sin = Lanes.load(sines, angleIndex + i);
            FloatVector first = Lanes.load(x, xIndex + i);
            FloatVector second = Lanes.load(x, xIndex + half + i);
            Lanes.store(first.fma(cos, second.mul(sin).neg()), x, xIndex + i);
            Lanes.store(second.fma(cos, first.mul(sin)), x, xIndex + half + i);
        }
        for (; i < half; i++) {
            float cos = cosines.getAtIndex(JAVA_FLOAT, angleIndex + i);
            float sin = sines.getAtIndex(JAVA_FLOAT, angleIndex + i);
            float first = x.getAtIndex(JAVA_FLOAT, xIndex + i);
            float second = x.getAtIndex(JAVA_FLOAT, xIndex + half + i);
            x.setAtIndex(JAVA_FLOAT, xIndex + i, Math.fma(first, cos, -(second * sin)));
            x.setAtIndex(JAVA_FLOAT, xIndex + half + i, Math.fma(second, cos, first * sin));
        }
        if (narrow) {
            narrow(x, xIndex, 2 * half);
        }
    }

    @Override
    public void scale(MemorySegment x, long xIndex, float factor, int length, boolean narrow) {
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            Lanes.store(Lanes.load(x, xIndex + i).mul(factor), x, xIndex + i);
        }
        for (; i < length; i++) {
            x.setAtIndex(JAVA_FLOAT, xIndex + i, x.getAtIndex(JAVA_FLOAT, xIndex + i) * factor);
        }
        if (narrow) {
            narrow(x, xIndex, length);
        }
    }

    @Override
    public long greatest(MemorySegment x, long xIndex, int length) {
        FloatVector most = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            most = most.max(Lanes.load(x, xIndex + i));
        }
        float greatest = most.reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) {
            greatest = Math.max(greatest, x.getAtIndex(JAVA_FLOAT, xIndex + i));
        }
        long found = xIndex;
        while (x.getAtIndex(JAVA_FLOAT, found) != greatest && found < xIndex + length - 1) {
            found++;
        }
        return found;
    }

    /** {@link Lanes#round}, written out. */
    private static void narrow(MemorySegment x, long xIndex, int length) {
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            long at = 4 * (xIndex + i);
            IntVector bits = IntVector.fromMemorySegment(Lanes.INTS, x, at, LITTLE_ENDIAN);
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            bits.add(0x7fff).add(odd).and(0xffff0000).intoMemorySegment(x, at, LITTLE_ENDIAN);
        }
        for (; i < length; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, xIndex + i);
            x.setAtIndex(JAVA_FLOAT, xIndex + i, Bfloat16.round(value));
        }
    }
}
