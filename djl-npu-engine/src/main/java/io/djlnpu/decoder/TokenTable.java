package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;

/** The embedding table, its rows scaled as the model wants them. */
@FunctionalInterface
interface TokenTable {

    /**
     * Writes a row.
     *
     * @param target receives its floats
     * @param index where the first goes
     */
    void read(int id, MemorySegment target, long index);

    /** A table {@code [vocab, width]} of bf16. */
    static TokenTable bfloat16(MemorySegment table, int width) {
        return (id, target, index) -> {
            long row = 2L * id * width;
            for (int i = 0; i < width; i++) {
                float value = Bfloat16.toFloat(table.get(Bfloat16.LAYOUT, row + 2L * i));
                target.setAtIndex(JAVA_FLOAT, index + i, value);
            }
        };
    }
}
