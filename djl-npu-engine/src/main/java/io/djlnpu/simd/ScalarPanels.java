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
    public void pack(
            MemorySegment x,
            long xIndex,
            int columns,
            int paddedColumns,
            int tokens,
            MemorySegment tile,
            long tileIndex) {
        for (int c = 0; c < paddedColumns; c++) {
            for (int t = 0; t < MAX_TOKENS; t++) {
                boolean used = c < columns && t < tokens;
                tile.setAtIndex(
                        JAVA_FLOAT,
                        tileIndex + (long) c * MAX_TOKENS + t,
                        used ? x.getAtIndex(JAVA_FLOAT, xIndex + (long) t * columns + c) : 0);
            }
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel,
            int columns,
            MemorySegment tiles,
            long tileIndex,
            long tileStep,
            int tokens,
            MemorySegment sums) {
        for (int t = 0; t < tokens; t++) {
            long tile = tileIndex + t / MAX_TOKENS * tileStep + t % MAX_TOKENS;
            for (int row = 0; row < ROWS; row++) {
                long index = (long) t * ROWS + row;
                float sum = sums.getAtIndex(JAVA_FLOAT, index);
                for (int c = 0; c < columns; c++) {
                    float weight = panel.getAtIndex(JAVA_FLOAT, (long) c * ROWS + row);
                    float value = tiles.getAtIndex(JAVA_FLOAT, tile + (long) c * MAX_TOKENS);
                    sum = Math.fma(weight, value, sum);
                }
                sums.setAtIndex(JAVA_FLOAT, index, sum);
            }
        }
    }

    @Override
    public void store(
            MemorySegment sums,
            int tokens,
            boolean narrow,
            MemorySegment y,
            long yIndex,
            long yStep) {
        for (int t = 0; t < tokens; t++) {
            for (int row = 0; row < ROWS; row++) {
                float sum = sums.getAtIndex(JAVA_FLOAT, (long) t * ROWS + row);
                y.setAtIndex(
                        JAVA_FLOAT, yIndex + t * yStep + row, narrow ? Bfloat16.round(sum) : sum);
            }
        }
    }
}
