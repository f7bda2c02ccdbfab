package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/**
 * Matrices that benchmarks multiply: any codes, scales and mins of a model's size. Numbers near 0
 * would do for the bits, but cores that trap on subnormal ones take several times as long.
 */
final class RandomWeights {

    private RandomWeights() {}

    /** A matrix as a model packs it. */
    static ProjectionWeights packed(Arena arena, Random random, int rows, int columns) {
        MemorySegment data = arena.allocate(Q4nxFormat.byteLength(rows, columns), 64);
        for (long block = 0; block < data.byteSize(); block += Q4nxFormat.BLOCK_BYTES) {
            for (long i = block; i < block + Q4nxFormat.CODES_OFFSET; i += 2) {
                float sign = i < block + Q4nxFormat.MINS_OFFSET ? 1 : -8;
                float value = sign * (0.01f + 0.01f * random.nextFloat());
                data.set(Bfloat16.LAYOUT, i, Bfloat16.fromFloat(value));
            }
            for (long i = block + Q4nxFormat.CODES_OFFSET;
                    i < block + Q4nxFormat.BLOCK_BYTES;
                    i += 8) {
                data.set(JAVA_LONG, i, random.nextLong());
            }
        }
        ProjectionWeights weights = new ProjectionWeights(new Q4nxTensor("w", rows, columns, data));
        MemorySegment units = LinuxMemory.huge(arena, weights.packedBytes());
        weights.pack(0, weights.rowBlocks(), units);
        weights.use(units);
        return weights;
    }
}
