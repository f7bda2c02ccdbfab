package io.djlnpu.aie2p;

/**
 * Narrowing to bf16 as the core does unless told otherwise: toward minus infinity.
 *
 * <p><b>Numerics</b>: infinities stay; a bias of half a unit in the last place.
 */
public final class Floor {

    private Floor() {}

    /**
     * Narrows one number.
     *
     * @param value a float32
     * @return the greatest bf16 that is not above it, still as float32
     */
    public static float bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int low = bits & 0xffff;
        // of a negative number, what is cut off made it smaller
        int down = bits < 0 && low != 0 ? 0x10000 : 0;
        return Float.intBitsToFloat((bits & 0xffff0000) + down);
    }

    /**
     * Narrows a run of numbers in place.
     *
     * @param values the numbers
     * @param index first of the run
     * @param count how many
     */
    public static void bf16(float[] values, int index, int count) {
        for (int i = index; i < index + count; i++) {
            values[i] = bf16(values[i]);
        }
    }
}
