package io.djlnpu.machine;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import java.util.Random;

/** Data for the machine's kernels. */
final class Samples {

    private final Random random;

    Samples(long seed) {
        random = new Random(seed);
    }

    float[] bf16(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = Bfloat16.round((float) random.nextGaussian());
        }
        return values;
    }

    /** Blocks of random codes, scales and mins. */
    byte[] blocks(int count) {
        byte[] blocks = new byte[count * Q4nxFormat.BLOCK_BYTES];
        random.nextBytes(blocks);
        for (int b = 0; b < count; b++) {
            byte[] pairs = bytes(bf16(Q4nxFormat.CODES_OFFSET / 2));
            System.arraycopy(pairs, 0, blocks, b * Q4nxFormat.BLOCK_BYTES, pairs.length);
        }
        return blocks;
    }

    static byte[] bytes(float[] bf16) {
        byte[] bytes = new byte[2 * bf16.length];
        for (int i = 0; i < bf16.length; i++) {
            int bits = Float.floatToRawIntBits(bf16[i]);
            bytes[2 * i] = (byte) (bits >> 16);
            bytes[2 * i + 1] = (byte) (bits >> 24);
        }
        return bytes;
    }

    static Region ddr(String name, float[] bf16) {
        return Memory.ddr(name, bytes(bf16));
    }

    static byte[] content(Region region) {
        return region.get(0, region.bytes());
    }
}
