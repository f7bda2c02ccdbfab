package io.djlnpu.numeric;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brain floating point: the upper 16 bits of a float32.
 *
 * <p><b>Numerics</b>: widening is exact; narrowing rounds to nearest, ties to even. NaN stays NaN
 * and is made quiet.
 */
public final class Bfloat16 {

    /** A bf16 in a file: little endian, no alignment assumed. */
    public static final ValueLayout.OfShort LAYOUT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN);

    private Bfloat16() {}

    /**
     * Widens one value.
     *
     * @param bits the bf16 bits
     * @return the same number as float32
     */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * Narrows one value, to nearest even.
     *
     * @param value a float32
     * @return the nearest bf16's bits
     */
    public static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /**
     * Rounds a float32 to the nearest number that a bf16 holds.
     *
     * @param value a float32
     * @return the rounded value, still as float32
     */
    public static float round(float value) {
        return toFloat(fromFloat(value));
    }

    /**
     * Widens a run of values from a segment.
     *
     * @param source little-endian bf16
     * @param byteOffset where the run starts
     * @param destination receives the values
     * @param destinationOffset first index written
     * @param count how many
     */
    public static void toFloats(
            MemorySegment source,
            long byteOffset,
            float[] destination,
            int destinationOffset,
            int count) {
        for (int i = 0; i < count; i++) {
            destination[destinationOffset + i] = toFloat(source.get(LAYOUT, byteOffset + 2L * i));
        }
    }

    /**
     * Narrows a run of values into a segment, to nearest even.
     *
     * @param source the values
     * @param sourceOffset first index read
     * @param destination receives little-endian bf16
     * @param byteOffset where the run starts
     * @param count how many
     */
    public static void fromFloats(
            float[] source,
            int sourceOffset,
            MemorySegment destination,
            long byteOffset,
            int count) {
        for (int i = 0; i < count; i++) {
            destination.set(LAYOUT, byteOffset + 2L * i, fromFloat(source[sourceOffset + i]));
        }
    }
}
