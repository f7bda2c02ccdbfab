package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;

/** Plain Java {@link Attention}. */
final class ScalarAttention implements Attention {

    @Override
    public void widen(MemorySegment tiles, long tileIndex, int rows, MemorySegment wide) {
        for (int i = 0; i < rows * TILE; i++) {
            short bits = tiles.get(Bfloat16.LAYOUT, 2 * (tileIndex + i));
            wide.setAtIndex(JAVA_FLOAT, i, Bfloat16.toFloat(bits));
        }
    }

    @Override
    public void multiply(
            MemorySegment tiles,
            long tileIndex,
            int rows,
            int first,
            int end,
            MemorySegment factors,
            long factorIndex,
            MemorySegment sums,
            long sumIndex,
            boolean add) {
        for (int q = 0; q < QUERIES; q++) {
            for (int column = first; column < end; column++) {
                long to = sumIndex + q * TILE + column;
                float sum = add ? sums.getAtIndex(JAVA_FLOAT, to) : 0;
                for (int row = 0; row < rows; row++) {
                    float x = tiles.getAtIndex(JAVA_FLOAT, tileIndex + row * TILE + column);
                    float factor = factors.getAtIndex(JAVA_FLOAT, factorIndex + q * TILE + row);
                    sum = Math.fma(x, factor, sum);
                }
                sums.setAtIndex(JAVA_FLOAT, to, sum);
            }
        }
    }

    @Override
    public void weigh(MemorySegment runs, long runIndex, int query, int from, int end) {
        long row = runIndex + query * TILE;
        float maximum = Float.NEGATIVE_INFINITY;
        for (int key = from; key < end; key++) {
            maximum = Math.max(maximum, runs.getAtIndex(JAVA_FLOAT, row + key));
        }
        float sum = 0;
        for (int key = 0; key < TILE; key++) {
            float weight = 0;
            if (key >= from && key < end) {
                weight = Exponential.exp(runs.getAtIndex(JAVA_FLOAT, row + key) - maximum);
                sum += weight;
            }
            runs.setAtIndex(JAVA_FLOAT, row + key, weight);
        }
        runs.setAtIndex(JAVA_FLOAT, runIndex + ROWS_FLOATS + query, maximum);
        runs.setAtIndex(JAVA_FLOAT, runIndex + ROWS_FLOATS + QUERIES + query, sum);
    }

    @Override
    public void combine(
            MemorySegment sums,
            long sumIndex,
            MemorySegment states,
            long stateIndex,
            long outputIndex) {
        for (int i = 0; i < ROWS_FLOATS; i++) {
            long factors = stateIndex + 2 * QUERIES + i / TILE;
            float decay = states.getAtIndex(JAVA_FLOAT, factors);
            float scale = states.getAtIndex(JAVA_FLOAT, factors + QUERIES);
            float before = states.getAtIndex(JAVA_FLOAT, outputIndex + i);
            float sum = sums.getAtIndex(JAVA_FLOAT, sumIndex + i) * scale;
            states.setAtIndex(JAVA_FLOAT, outputIndex + i, Math.fma(before, decay, sum));
        }
    }
}
