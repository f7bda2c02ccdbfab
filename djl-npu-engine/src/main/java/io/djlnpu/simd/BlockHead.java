package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Widens the 256 scales (or mins) of a block to float32, in the row order of the codes' nibbles.
 *
 * <p>A column's 16 rows are two ints of 8 nibbles, so in vectors of ints neighbouring lanes hold
 * rows 8 apart: position {@code 2n + h} of 16 is row {@code 8h + n}.
 */
final class BlockHead {

    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;

    private static final VectorShuffle<Float> INTERLEAVE_16 =
            VectorShuffle.fromOp(Lanes.FLOATS, i -> ((i & 1) * 8 + (i >> 1)) % Lanes.COUNT);

    private BlockHead() {}

    /** The row, of 32, that a position holds. */
    static int row(int position) {
        return position / 16 * 16 + (position & 1) * 8 + position % 16 / 2;
    }

    static void widen(MemorySegment blocks, long offset, MemorySegment target, long targetIndex) {
        if (Lanes.COUNT == 16) {
            for (int i = 0; i < 256; i += 16) {
                IntVector wide =
                        (IntVector)
                                ShortVector.fromMemorySegment(
                                                SHORTS, blocks, offset + 2L * i, LITTLE_ENDIAN)
                                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
                wide.lanewise(VectorOperators.LSHL, 16)
                        .reinterpretAsFloats()
                        .rearrange(INTERLEAVE_16)
                        .intoMemorySegment(target, 4 * (targetIndex + i), LITTLE_ENDIAN);
            }
            return;
        }
        for (int i = 0; i < 256; i++) {
            int source =
                    i / Q4nxFormat.BLOCK_ROWS * Q4nxFormat.BLOCK_ROWS
                            + row(i % Q4nxFormat.BLOCK_ROWS);
            target.setAtIndex(
                    JAVA_FLOAT,
                    targetIndex + i,
                    Bfloat16.toFloat(blocks.get(Bfloat16.LAYOUT, offset + 2L * source)));
        }
    }
}
