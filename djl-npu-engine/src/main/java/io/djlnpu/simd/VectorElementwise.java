package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Elementwise} on the Vector API; what does not fill a vector is done one by one, to the
 * same bits.
 */
final class VectorElementwise implements Elementwise {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int WIDTH = Lanes.COUNT;

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
        FloatVector squares = FloatVector.zero(Lanes.FLOATS);
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            FloatVector v = Lanes.load(x, xIndex + i);
            squares = v.fma(v, squares);
        }
        float sum = Lanes.sum(squares);
        for (; i < length; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, xIndex + i);
            sum = Math.fma(value, value, sum);
        }
        float factor = 1 / (float) Math.sqrt(sum / length + epsilon);
        for (i = 0; i + WIDTH <= length; i += WIDTH) {
            put(
                    Lanes.load(x, xIndex + i).mul(factor).mul(Lanes.load(weight, i)),
                    y,
                    yIndex + i,
                    narrow);
        }
        for (; i < length; i++) {
            put(
                    x.getAtIndex(JAVA_FLOAT, xIndex + i)
                            * factor
                            * weight.getAtIndex(JAVA_FLOAT, i),
                    y,
                    yIndex + i,
                    narrow);
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
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            put(Lanes.load(x, xIndex + i).add(Lanes.load(y, yIndex + i)), x, xIndex + i, narrow);
        }
        for (; i < length; i++) {
            float sum = x.getAtIndex(JAVA_FLOAT, xIndex + i) + y.getAtIndex(JAVA_FLOAT, yIndex + i);
            put(sum, x, xIndex + i, narrow);
        }
    }

    @Override
    public void gegluMul(
            MemorySegment gate,
            long gateIndex,
            MemorySegment up,
            long upIndex,
            int length,
            boolean narrow) {
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            long at = 4 * (gateIndex + i);
            FloatVector x = FloatVector.fromMemorySegment(FLOATS, gate, at, LITTLE_ENDIAN);
            FloatVector factor =
                    FloatVector.fromMemorySegment(FLOATS, up, 4 * (upIndex + i), LITTLE_ENDIAN);
            FloatVector u =
                    x.mul(Exponential.GELU_CUBIC).mul(x).fma(x, x).mul(Exponential.GELU_SCALE);
            FloatVector y = x.div(Lanes.exp(u.mul(-2)).add(1)).mul(factor);
            if (narrow) {
                IntVector bits = y.reinterpretAsInts();
                IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
                y = bits.add(0x7fff).add(odd).and(0xffff0000).reinterpretAsFloats();
            }
            y.intoMemorySegment(gate, at, LITTLE_ENDIAN);
        }
        for (; i < length; i++) {
            float activated = Exponential.gelu(gate.getAtIndex(JAVA_FLOAT, gateIndex + i));
            put(activated * up.getAtIndex(JAVA_FLOAT, upIndex + i), gate, gateIndex + i, narrow);
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
            put(first.fma(cos, second.mul(sin).neg()), x, xIndex + i, narrow);
            put(second.fma(cos, first.mul(sin)), x, xIndex + half + i, narrow);
        }
        for (; i < half; i++) {
            float cos = cosines.getAtIndex(JAVA_FLOAT, angleIndex + i);
            float sin = sines.getAtIndex(JAVA_FLOAT, angleIndex + i);
            float first = x.getAtIndex(JAVA_FLOAT, xIndex + i);
            float second = x.getAtIndex(JAVA_FLOAT, xIndex + half + i);
            put(Math.fma(first, cos, -(second * sin)), x, xIndex + i, narrow);
            put(Math.fma(second, cos, first * sin), x, xIndex + half + i, narrow);
        }
    }

    @Override
    public void scale(MemorySegment x, long xIndex, float factor, int length, boolean narrow) {
        int i = 0;
        for (; i + WIDTH <= length; i += WIDTH) {
            put(Lanes.load(x, xIndex + i).mul(factor), x, xIndex + i, narrow);
        }
        for (; i < length; i++) {
            put(x.getAtIndex(JAVA_FLOAT, xIndex + i) * factor, x, xIndex + i, narrow);
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

    private static void put(FloatVector value, MemorySegment segment, long index, boolean narrow) {
        Lanes.store(narrow ? Lanes.round(value) : value, segment, index);
    }

    private static void put(float value, MemorySegment segment, long index, boolean narrow) {
        segment.setAtIndex(JAVA_FLOAT, index, narrow ? Bfloat16.round(value) : value);
    }
}
