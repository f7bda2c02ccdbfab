package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;

/** Plain Java {@link MatrixVector}. */
final class ScalarMatrixVector implements MatrixVector {

    @Override
    public void prepare(
            MemorySegment x, long xIndex, int columns, int paddedColumns, MemorySegment prepared) {
        PreparedVector.write(x, xIndex, columns, paddedColumns, prepared);
    }

    @Override
    public void multiply(
            MemorySegment blocks,
            long offset,
            int rowBlocks,
            int columnBlocks,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch) {
        int rows = rowBlocks * Q4nxFormat.BLOCK_ROWS;
        for (int row = 0; row < rows; row++) {
            long rowBlock =
                    offset
                            + (long) (row / Q4nxFormat.BLOCK_ROWS)
                                    * columnBlocks
                                    * Q4nxFormat.BLOCK_BYTES;
            y.setAtIndex(
                    JAVA_FLOAT,
                    yIndex + row,
                    dot(blocks, rowBlock, row % Q4nxFormat.BLOCK_ROWS, columnBlocks, prepared));
        }
    }

    private static float dot(
            MemorySegment blocks,
            long rowBlock,
            int row,
            int columnBlocks,
            MemorySegment prepared) {
        float sum = 0;
        float minSum = 0;
        int shift = (row & 1) * 4;
        int sums = 2 * columnBlocks * Q4nxFormat.BLOCK_COLUMNS;
        for (int b = 0; b < columnBlocks; b++) {
            long block = rowBlock + (long) b * Q4nxFormat.BLOCK_BYTES;
            long codes =
                    block
                            + Q4nxFormat.CODES_OFFSET
                            + (long) (row / 16) * Q4nxFormat.HALF_BYTES
                            + row % 16 / 2;
            for (int g = 0; g < Q4nxFormat.BLOCK_GROUPS; g++) {
                float even = 0;
                float odd = 0;
                for (int c = g * 32; c < g * 32 + 32; c += 2) {
                    int code = blocks.get(JAVA_BYTE, codes + 8L * c) >>> shift & 15;
                    long x = (long) b * Q4nxFormat.BLOCK_COLUMNS + c;
                    even = Math.fma(code, prepared.getAtIndex(JAVA_FLOAT, x), even);
                    code = blocks.get(JAVA_BYTE, codes + 8L * c + 8) >>> shift & 15;
                    odd = Math.fma(code, prepared.getAtIndex(JAVA_FLOAT, x + 1), odd);
                }
                long pair = block + 2L * (g * Q4nxFormat.BLOCK_ROWS + row);
                float scale = Bfloat16.toFloat(blocks.get(Bfloat16.LAYOUT, pair));
                float min =
                        Bfloat16.toFloat(
                                blocks.get(Bfloat16.LAYOUT, pair + Q4nxFormat.MINS_OFFSET));
                sum = Math.fma(even + odd, scale, sum);
                float groupSum =
                        prepared.getAtIndex(
                                JAVA_FLOAT, (long) sums + b * Q4nxFormat.BLOCK_GROUPS + g);
                minSum = Math.fma(min, groupSum, minSum);
            }
        }
        return sum + minSum;
    }

    @Override
    public void multiplyPacked(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch) {
        long rowBytes = (long) across * PackedUnits.UNIT_BYTES;
        for (int row = 0; row < 32 * rowBlocks; row++) {
            float sum = 0;
            float minSum = 0;
            for (int g = 0; g < across; g++) {
                long unit = offset + row / 32 * rowBytes + (long) g * PackedUnits.UNIT_BYTES;
                float even = 0;
                float odd = 0;
                for (int c = 0; c < 32; c += 2) {
                    float x = prepared.getAtIndex(JAVA_FLOAT, 32L * g + c);
                    even = Math.fma(PackedUnits.code(units, unit, row % 32, c), x, even);
                    x = prepared.getAtIndex(JAVA_FLOAT, 32L * g + c + 1);
                    odd = Math.fma(PackedUnits.code(units, unit, row % 32, c + 1), x, odd);
                }
                sum = Math.fma(even + odd, PackedUnits.scale(units, unit, row % 32), sum);
                minSum =
                        Math.fma(
                                PackedUnits.min(units, unit, row % 32),
                                prepared.getAtIndex(JAVA_FLOAT, 2L * paddedColumns + g),
                                minSum);
            }
            y.setAtIndex(JAVA_FLOAT, yIndex + row, sum + minSum);
        }
    }

    @Override
    public void multiplyPackedFours(
            MemorySegment units,
            long offset,
            int rowBlocks,
            int across,
            int paddedColumns,
            MemorySegment batch,
            int fours,
            MemorySegment[] products,
            long yIndex,
            MemorySegment scratch) {
        long rowBytes = (long) across * PackedUnits.UNIT_BYTES;
        for (int v = 0; v < 4 * fours; v++) {
            for (int row = 0; row < 32 * rowBlocks; row++) {
                long unit = offset + row / 32 * rowBytes;
                float y =
                        dotAmongFours(
                                units, unit, row % 32, across, paddedColumns, batch, fours, v);
                products[v].setAtIndex(JAVA_FLOAT, yIndex + row, y);
            }
        }
    }

    private static float dotAmongFours(
            MemorySegment units,
            long firstUnit,
            int row,
            int across,
            int paddedColumns,
            MemorySegment batch,
            int fours,
            int vector) {
        float sum = 0;
        float minSum = 0;
        for (int g = 0; g < across; g++) {
            long unit = firstUnit + (long) g * PackedUnits.UNIT_BYTES;
            long four = (long) g * fours + vector / 4;
            float[] evenOdd = new float[2];
            for (int c = 0; c < 32; c++) {
                // the nibble weight that was taken out of x goes back into the code
                float code = PackedUnits.code(units, unit, row, c) * (c % 2 == 0 ? 1f : 16f);
                float x = batch.getAtIndex(JAVA_FLOAT, 4 * (32 * four + c) + vector % 4);
                evenOdd[c & 1] = Math.fma(code, x, evenOdd[c & 1]);
            }
            sum = Math.fma(evenOdd[0] + evenOdd[1], PackedUnits.scale(units, unit, row), sum);
            long groupSum = 4 * ((long) fours * paddedColumns + four) + vector % 4;
            float min = PackedUnits.min(units, unit, row);
            minSum = Math.fma(min, batch.getAtIndex(JAVA_FLOAT, groupSum), minSum);
        }
        return sum + minSum;
    }
}
