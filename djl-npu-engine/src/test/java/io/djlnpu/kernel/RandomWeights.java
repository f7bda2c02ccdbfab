package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Matrices that benchmarks multiply. */
final class RandomWeights {

    private RandomWeights() {}

    /** A matrix as a model packs it. */
    static ProjectionWeights packed(Arena arena, Random random, int rows, int columns) {
        MemorySegment data = arena.allocate(Q4nxFormat.byteLength(rows, columns), 64);
        for (long i = 0; i < data.byteSize(); i++) {
            data.set(JAVA_BYTE, i, (byte) random.nextInt(64));
        }
        ProjectionWeights weights = new ProjectionWeights(new Q4nxTensor("w", rows, columns, data));
        MemorySegment units = LinuxMemory.huge(arena, weights.packedBytes());
        weights.pack(0, weights.rowBlocks(), units);
        weights.use(units);
        return weights;
    }
}
