package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;

/**
 * A vector laid out for matrix products: the vector, the vector with each column's nibble weight
 * taken out, and the sum of every group of 32.
 *
 * <p>Nibble n of the low half of an int, masked where it stands, counts 16^n times too much; column
 * c of four is therefore multiplied by 16^-c, exactly.
 */
final class PreparedVector {

    private PreparedVector() {}

    static void write(
            MemorySegment x, long xIndex, int columns, int paddedColumns, MemorySegment prepared) {
        float unit = 1;
        for (int c = 0; c < columns; c++) {
            float value = x.getAtIndex(JAVA_FLOAT, xIndex + c);
            prepared.setAtIndex(JAVA_FLOAT, c, value);
            prepared.setAtIndex(JAVA_FLOAT, (long) paddedColumns + c, value * unit);
            unit = c % 4 == 3 ? 1 : unit / 16;
        }
        for (int c = columns; c < paddedColumns; c++) {
            prepared.setAtIndex(JAVA_FLOAT, c, 0);
            prepared.setAtIndex(JAVA_FLOAT, (long) paddedColumns + c, 0);
        }
        for (int g = 0; g < paddedColumns / Q4nxFormat.GROUP_COLUMNS; g++) {
            float sum = 0;
            for (int c = 0; c < Q4nxFormat.GROUP_COLUMNS; c++) {
                sum += prepared.getAtIndex(JAVA_FLOAT, (long) g * Q4nxFormat.GROUP_COLUMNS + c);
            }
            prepared.setAtIndex(JAVA_FLOAT, 2L * paddedColumns + g, sum);
        }
    }

    /**
     * Vectors in fours: for every group of 32 columns each four's columns, odd ones by 16, then for
     * every group each four's sums.
     */
    static void interleave(
            MemorySegment[] vectors, int fours, int paddedColumns, MemorySegment batch) {
        int groups = paddedColumns / Q4nxFormat.GROUP_COLUMNS;
        long sums = 4L * fours * paddedColumns;
        for (int v = 0; v < 4 * fours; v++) {
            for (int g = 0; g < groups; g++) {
                long four = (long) g * fours + v / 4;
                for (int c = 0; c < Q4nxFormat.GROUP_COLUMNS; c++) {
                    long column = (long) g * Q4nxFormat.GROUP_COLUMNS + c;
                    float x = vectors[v].getAtIndex(JAVA_FLOAT, column);
                    batch.setAtIndex(
                            JAVA_FLOAT,
                            4 * (four * Q4nxFormat.GROUP_COLUMNS + c) + v % 4,
                            c % 2 == 0 ? x : x / 16);
                }
                batch.setAtIndex(
                        JAVA_FLOAT,
                        sums + 4 * four + v % 4,
                        vectors[v].getAtIndex(JAVA_FLOAT, 2L * paddedColumns + g));
            }
        }
    }
}
