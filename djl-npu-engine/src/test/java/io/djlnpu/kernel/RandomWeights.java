package io.djlnpu.kernel;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import io.djlnpu.simd.RandomBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Matrices that benchmarks multiply. */
final class RandomWeights {

    private RandomWeights() {}

    /** A matrix as a model packs it. */
    static ProjectionWeights packed(Arena arena, Random random, int rows, int columns) {
        MemorySegment data = arena.allocate(Q4nxFormat.byteLength(rows, columns), 64);
        RandomBlocks.fill(data, random);
        ProjectionWeights weights = new ProjectionWeights(new Q4nxTensor("w", rows, columns, data));
        MemorySegment units = LinuxMemory.huge(arena, weights.packedBytes());
        weights.pack(0, weights.rowBlocks(), units);
        weights.use(units);
        return weights;
    }
}
