package io.djlnpu.aie2p;

/**
 * bfp16ebs8: eight numbers with an exponent in common, and 8-bit mantissas. The matrix unit
 * multiplies nothing else; bf16 operands become such blocks along the inner dimension.
 *
 * <p><b>Shape</b>: 9 bytes a block, the exponent first. <b>Numerics</b>: a mantissa is the number's
 * significand shifted down, toward minus infinity; a number is {@code mantissa * 2^(exponent - 127
 * - 6)}. The eight products of two blocks are added exactly, and their sum to a float32 with one
 * rounding.
 */
public final class BlockFloat {

    /** Numbers of a block. */
    public static final int SIZE = 8;

    /** Bytes of a block. */
    public static final int BYTES = 9;

    private static final int BIAS = 127 + 6;
    private static final double[] SCALE = new double[256];

    static {
        for (int e = 0; e < SCALE.length; e++) {
            SCALE[e] = Math.scalb(1.0, e - BIAS);
        }
    }

    private BlockFloat() {}

    /**
     * Encodes eight numbers.
     *
     * @param x the numbers
     * @param index of the first
     * @param stride from one to the next
     * @param blocks receives 9 bytes
     * @param at where the block starts
     */
    public static void encode(float[] x, int index, int stride, byte[] blocks, int at) {
        int shared = 0;
        for (int i = 0; i < SIZE; i++) {
            shared = Math.max(shared, exponent(x[index + i * stride]));
        }
        blocks[at] = (byte) shared;
        for (int i = 0; i < SIZE; i++) {
            blocks[at + 1 + i] = mantissa(x[index + i * stride], shared);
        }
    }

    /**
     * Encodes a vector, each eight of its elements a block.
     *
     * @param x the numbers
     * @param index of the first
     * @param count a multiple of 8
     * @return the blocks
     */
    public static byte[] encode(float[] x, int index, int count) {
        byte[] blocks = new byte[count / SIZE * BYTES];
        for (int i = 0; i < count / SIZE; i++) {
            encode(x, index + i * SIZE, 1, blocks, i * BYTES);
        }
        return blocks;
    }

    private static int exponent(float value) {
        return Float.floatToRawIntBits(value) >> 23 & 0xff;
    }

    private static byte mantissa(float value, int shared) {
        int bits = Float.floatToRawIntBits(value);
        int own = bits >> 23 & 0xff;
        int significand = bits & 0x7fffff | (own == 0 ? 0 : 0x800000);
        int signed = bits < 0 ? -significand : significand;
        int shift = 17 + shared - own;
        // beyond the register's width only the sign is left, that of -0 too
        return (byte) (shift < 32 ? signed >> shift : bits >> 31);
    }

    /**
     * Decodes one number.
     *
     * @param blocks holds the block
     * @param at where it starts
     * @param i which of its numbers
     * @return the number
     */
    public static float decode(byte[] blocks, int at, int i) {
        return (float) (blocks[at + 1 + i] * SCALE[blocks[at] & 0xff]);
    }

    /**
     * Adds the products of two blocks to a sum.
     *
     * @param sum float32
     * @param a blocks
     * @param aAt where the one starts
     * @param b blocks
     * @param bAt where the other starts
     * @return the sum, rounded once
     */
    public static float multiplyAdd(float sum, byte[] a, int aAt, byte[] b, int bAt) {
        int products = 0;
        for (int i = 1; i <= SIZE; i++) {
            products += a[aAt + i] * b[bAt + i];
        }
        // exact in double, whose rounding to float32 is the only one
        return (float) (sum + products * SCALE[a[aAt] & 0xff] * SCALE[b[bAt] & 0xff]);
    }

    /**
     * Multiplies two vectors of blocks, in ascending order.
     *
     * @param sum where to start, float32
     * @param a blocks
     * @param aAt where the one vector starts
     * @param b blocks
     * @param bAt where the other starts
     * @param count blocks
     * @return the sum
     */
    public static float dot(float sum, byte[] a, int aAt, byte[] b, int bAt, int count) {
        float result = sum;
        for (int i = 0; i < count; i++) {
            result = multiplyAdd(result, a, aAt + i * BYTES, b, bAt + i * BYTES);
        }
        return result;
    }
}
