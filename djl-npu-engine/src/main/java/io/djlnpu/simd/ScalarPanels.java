package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;

/** Plain Java {@link Panels}. */
final class ScalarPanels implements Panels {

    @Override
    public int tokens() {
        return MAX_TOKENS;
    }

    @Override
    public void dequantize(
            MemorySegment units, long offset, int count, MemorySegment panel, boolean narrow) {
        for (int c = 0; c < count * Q4nxFormat.GROUP_COLUMNS; c++) {
            long unit = offset + (long) (c / Q4nxFormat.GROUP_COLUMNS) * PackedUnits.UNIT_BYTES;
            for (int row = 0; row < ROWS; row++) {
                float scale = PackedUnits.scale(units, unit, row);
                float min = PackedUnits.min(units, unit, row);
                float weight = Math.fma(scale, PackedUnits.code(units, unit, row, c % 32), min);
                panel.setAtIndex(
                        JAVA_FLOAT,
                        (long) c * ROWS + row,
                        narrow ? Bfloat16.round(weight) : weight);
            }
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel,
            int columns,
            float[] x,
            int xIndex,
            int tokens,
            float[] sums,
            int sumsIndex) {
        for (int t = 0; t < tokens; t++) {
            for (int row = 0; row < ROWS; row++) {
                int index = sumsIndex + t * ROWS + row;
                float sum = sums[index];
                for (int c = 0; c < columns; c++) {
                    float weight = panel.getAtIndex(JAVA_FLOAT, (long) c * ROWS + row);
                    sum = Math.fma(weight, x[xIndex + c * MAX_TOKENS + t], sum);
                }
                sums[index] = sum;
            }
        }
    }

    @Override
    public void store(float[] sums, int sumsIndex, boolean narrow, MemorySegment y, long yIndex) {
        for (int row = 0; row < ROWS; row++) {
            float sum = sums[sumsIndex + row];
            y.setAtIndex(JAVA_FLOAT, yIndex + row, narrow ? Bfloat16.round(sum) : sum);
        }
    }
}
