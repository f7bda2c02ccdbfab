package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/**
 * Q4NX blocks that benchmarks multiply: any codes, scales and mins of a model's size. Numbers near
 * 0 would do for the bits, but cores that trap on subnormal ones take several times as long.
 */
public final class RandomBlocks {

    private RandomBlocks() {}

    /**
     * Fills blocks.
     *
     * @param blocks a whole number of blocks
     * @param random where the numbers come from
     */
    public static void fill(MemorySegment blocks, Random random) {
        for (long block = 0; block < blocks.byteSize(); block += Q4nxFormat.BLOCK_BYTES) {
            for (long i = block; i < block + Q4nxFormat.CODES_OFFSET; i += 2) {
                float sign = i < block + Q4nxFormat.MINS_OFFSET ? 1 : -8;
                float value = sign * (0.01f + 0.01f * random.nextFloat());
                blocks.set(Bfloat16.LAYOUT, i, Bfloat16.fromFloat(value));
            }
            long end = block + Q4nxFormat.BLOCK_BYTES;
            for (long i = block + Q4nxFormat.CODES_OFFSET; i < end; i += 8) {
                blocks.set(JAVA_LONG_UNALIGNED, i, random.nextLong());
            }
        }
    }
}
