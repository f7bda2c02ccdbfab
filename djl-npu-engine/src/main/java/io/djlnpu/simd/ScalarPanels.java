package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;

/** Plain Java {@link Panels}; rows in natural order. */
final class ScalarPanels implements Panels {

    @Override
    public void dequantize(
            MemorySegment blocks,
            long offset,
            MemorySegment panel,
            boolean narrow,
            MemorySegment scratch) {
        for (int row = 0; row < ROWS; row++) {
            int shift = (row & 1) * 4;
            long codes =
                    offset
                            + Q4nxFormat.CODES_OFFSET
                            + (long) (row / 16) * Q4nxFormat.HALF_BYTES
                            + row % 16 / 2;
            for (int c = 0; c < COLUMNS; c++) {
                long pair = offset + 2L * (c / Q4nxFormat.GROUP_COLUMNS * ROWS + row);
                float scale = Bfloat16.toFloat(blocks.get(Bfloat16.LAYOUT, pair));
                float min =
                        Bfloat16.toFloat(
                                blocks.get(Bfloat16.LAYOUT, pair + Q4nxFormat.MINS_OFFSET));
                float weight =
                        Math.fma(scale, blocks.get(JAVA_BYTE, codes + 8L * c) >>> shift & 15, min);
                panel.setAtIndex(
                        JAVA_FLOAT,
                        (long) c * ROWS + row,
                        narrow ? Bfloat16.round(weight) : weight);
            }
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel, float[] x, int xIndex, int tokens, float[] sums, int sumsIndex) {
        for (int t = 0; t < tokens; t++) {
            for (int row = 0; row < ROWS; row++) {
                int index = sumsIndex + t * ROWS + row;
                float sum = sums[index];
                for (int c = 0; c < COLUMNS; c++) {
                    float weight = panel.getAtIndex(JAVA_FLOAT, (long) c * ROWS + row);
                    sum = Math.fma(weight, x[xIndex + c * TOKENS + t], sum);
                }
                sums[index] = sum;
            }
        }
    }

    @Override
    public void store(float[] sums, int sumsIndex, MemorySegment y, long yIndex) {
        MemorySegment.copy(sums, sumsIndex, y, JAVA_FLOAT, 4 * yIndex, ROWS);
    }
}
