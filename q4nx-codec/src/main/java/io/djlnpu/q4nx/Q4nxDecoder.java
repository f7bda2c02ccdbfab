package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_ROWS;
import static io.djlnpu.q4nx.Q4nxFormat.CODES_OFFSET;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.HALF_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.MINS_OFFSET;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Decodes Q4NX to float32.
 *
 * <p><b>Numerics</b>: {@code scale * code} rounded to float32, then {@code + min} rounded again, as
 * the converter's own unpacker computes it.
 */
public final class Q4nxDecoder {

    private Q4nxDecoder() {}

    /**
     * Decodes whole rows.
     *
     * @param tensor the matrix
     * @param firstRow the first row
     * @param rowCount how many rows
     * @param destination receives {@code [rowCount, columns]}, row-major, from index 0
     */
    public static void decodeRows(
            Q4nxTensor tensor, int firstRow, int rowCount, float[] destination) {
        Objects.checkFromIndexSize(firstRow, rowCount, tensor.rows());
        Objects.checkFromIndexSize(0L, (long) rowCount * tensor.columns(), destination.length);
        for (int i = 0; i < rowCount; i++) {
            decodeRow(tensor, firstRow + i, destination, i * tensor.columns());
        }
    }

    private static void decodeRow(Q4nxTensor tensor, int row, float[] destination, int offset) {
        int inBlock = row % BLOCK_ROWS;
        int shift = (inBlock & 1) * 4;
        MemorySegment data = tensor.data();
        for (int first = 0; first < tensor.columns(); first += GROUP_COLUMNS) {
            long block = tensor.blockOffset(row / BLOCK_ROWS, first / BLOCK_COLUMNS);
            int column = first % BLOCK_COLUMNS;
            long pair = block + 2L * (column / GROUP_COLUMNS * BLOCK_ROWS + inBlock);
            float scale = Bfloat16.toFloat(data.get(Bfloat16.LAYOUT, pair));
            float min = Bfloat16.toFloat(data.get(Bfloat16.LAYOUT, pair + MINS_OFFSET));
            long codes =
                    block
                            + CODES_OFFSET
                            + (long) (inBlock / 16) * HALF_BYTES
                            + column * 8L
                            + inBlock % 16 / 2;
            int count = Math.min(GROUP_COLUMNS, tensor.columns() - first);
            for (int i = 0; i < count; i++) {
                int code = data.get(ValueLayout.JAVA_BYTE, codes + 8L * i) >>> shift & 15;
                destination[offset + first + i] = scale * code + min;
            }
        }
    }
}
