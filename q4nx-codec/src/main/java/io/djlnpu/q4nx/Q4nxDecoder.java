package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_ROWS;
import static io.djlnpu.q4nx.Q4nxFormat.CODES_OFFSET;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.HALF_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.MINS_OFFSET;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Decodes Q4NX to float32 or bf16, or takes it apart: a matrix, some rows, one block, into the
 * caller's memory. Besides that it takes 6 KB, whatever the size.
 *
 * <p><b>Numerics</b>: {@code scale * code} rounded to float32, then {@code + min} rounded again, as
 * the converter's own unpacker computes it. bf16 is that value, rounded to nearest even.
 *
 * <p><b>Errors</b>: {@link IndexOutOfBoundsException} for rows outside the matrix or a destination
 * too small.
 */
public final class Q4nxDecoder {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Q4nxDecoder() {}

    /** Takes one row of one block; {@code index} is the place of its first weight. */
    private interface Target {
        void accept(byte[] block, int row, int count, long index);
    }

    /**
     * Decodes a whole matrix to float32.
     *
     * @param tensor the matrix
     * @param destination receives {@code [rows, columns]}, row-major, little endian
     */
    public static void decode(Q4nxTensor tensor, MemorySegment destination) {
        decodeRows(tensor, 0, tensor.rows(), destination);
    }

    /**
     * Decodes a whole matrix to bf16.
     *
     * @param tensor the matrix
     * @param destination receives {@code [rows, columns]}, row-major, little endian
     */
    public static void decodeToBfloat16(Q4nxTensor tensor, MemorySegment destination) {
        decodeRowsToBfloat16(tensor, 0, tensor.rows(), destination);
    }

    /**
     * Decodes whole rows to float32.
     *
     * @param tensor the matrix
     * @param firstRow the first row
     * @param rowCount how many rows
     * @param destination receives {@code [rowCount, columns]}, row-major, from index 0
     */
    public static void decodeRows(
            Q4nxTensor tensor, int firstRow, int rowCount, float[] destination) {
        rows(tensor, firstRow, rowCount, destination.length, floats(destination));
    }

    /**
     * Decodes whole rows to float32 in a segment.
     *
     * @param tensor the matrix
     * @param firstRow the first row
     * @param rowCount how many rows
     * @param destination receives {@code [rowCount, columns]}, row-major, little endian
     */
    public static void decodeRows(
            Q4nxTensor tensor, int firstRow, int rowCount, MemorySegment destination) {
        long capacity = destination.byteSize() / Float.BYTES;
        rows(tensor, firstRow, rowCount, capacity, floats(destination));
    }

    /**
     * Decodes whole rows to bf16 in a segment.
     *
     * @param tensor the matrix
     * @param firstRow the first row
     * @param rowCount how many rows
     * @param destination receives {@code [rowCount, columns]}, row-major, little endian
     */
    public static void decodeRowsToBfloat16(
            Q4nxTensor tensor, int firstRow, int rowCount, MemorySegment destination) {
        long capacity = destination.byteSize() / Short.BYTES;
        rows(tensor, firstRow, rowCount, capacity, bfloat16s(destination));
    }

    /**
     * Decodes one block to float32, padding included.
     *
     * @param tensor the matrix
     * @param rowBlock index from the top
     * @param columnBlock index from the left
     * @param destination receives {@code [32, 256]}, row-major, from index 0
     */
    public static void decodeBlock(
            Q4nxTensor tensor, int rowBlock, int columnBlock, float[] destination) {
        block(tensor, rowBlock, columnBlock, destination.length, floats(destination));
    }

    /**
     * Decodes one block to float32 in a segment, padding included.
     *
     * @param tensor the matrix
     * @param rowBlock index from the top
     * @param columnBlock index from the left
     * @param destination receives {@code [32, 256]}, row-major, little endian
     */
    public static void decodeBlock(
            Q4nxTensor tensor, int rowBlock, int columnBlock, MemorySegment destination) {
        long capacity = destination.byteSize() / Float.BYTES;
        block(tensor, rowBlock, columnBlock, capacity, floats(destination));
    }

    /**
     * Decodes one block to bf16 in a segment, padding included.
     *
     * @param tensor the matrix
     * @param rowBlock index from the top
     * @param columnBlock index from the left
     * @param destination receives {@code [32, 256]}, row-major, little endian
     */
    public static void decodeBlockToBfloat16(
            Q4nxTensor tensor, int rowBlock, int columnBlock, MemorySegment destination) {
        long capacity = destination.byteSize() / Short.BYTES;
        block(tensor, rowBlock, columnBlock, capacity, bfloat16s(destination));
    }

    private static Target floats(float[] destination) {
        return (block, row, count, index) -> decode(block, row, count, destination, (int) index);
    }

    private static Target floats(MemorySegment destination) {
        float[] values = new float[BLOCK_COLUMNS];
        return (block, row, count, index) -> {
            decode(block, row, count, values, 0);
            MemorySegment.copy(values, 0, destination, FLOAT, Float.BYTES * index, count);
        };
    }

    private static Target bfloat16s(MemorySegment destination) {
        float[] values = new float[BLOCK_COLUMNS];
        return (block, row, count, index) -> {
            decode(block, row, count, values, 0);
            Bfloat16.fromFloats(values, 0, destination, Short.BYTES * index, count);
        };
    }

    private static void rows(
            Q4nxTensor tensor, int firstRow, int rowCount, long capacity, Target target) {
        check(tensor, firstRow, rowCount, capacity);
        byte[] block = new byte[BLOCK_BYTES];
        int columns = tensor.columns();
        int lastRow = firstRow + rowCount;
        for (int row = firstRow; row < lastRow; ) {
            int rowBlock = row / BLOCK_ROWS;
            int stripEnd = Math.min(lastRow, (rowBlock + 1) * BLOCK_ROWS);
            for (int b = 0; b < tensor.columnBlocks(); b++) {
                load(tensor, rowBlock, b, block);
                int first = b * BLOCK_COLUMNS;
                int count = Math.min(BLOCK_COLUMNS, columns - first);
                for (int r = row; r < stripEnd; r++) {
                    long index = (long) (r - firstRow) * columns + first;
                    target.accept(block, r % BLOCK_ROWS, count, index);
                }
            }
            row = stripEnd;
        }
    }

    private static void block(
            Q4nxTensor tensor, int rowBlock, int columnBlock, long capacity, Target target) {
        Objects.checkIndex(rowBlock, tensor.rowBlocks());
        Objects.checkIndex(columnBlock, tensor.columnBlocks());
        Objects.checkFromIndexSize(0L, (long) BLOCK_ROWS * BLOCK_COLUMNS, capacity);
        byte[] block = new byte[BLOCK_BYTES];
        load(tensor, rowBlock, columnBlock, block);
        for (int row = 0; row < BLOCK_ROWS; row++) {
            target.accept(block, row, BLOCK_COLUMNS, (long) row * BLOCK_COLUMNS);
        }
    }

    /**
     * Takes whole rows apart: what {@link Q4nxEncoder#carryOver} puts together again.
     *
     * @param tensor the matrix
     * @param firstRow the first row
     * @param rowCount how many rows
     * @param codes receives {@code [rowCount, columns]}
     * @param scales receives {@code [rowCount, ceil(columns / 32)]}
     * @param mins receives offsets in the order of the scales
     */
    public static void unpackRows(
            Q4nxTensor tensor,
            int firstRow,
            int rowCount,
            byte[] codes,
            float[] scales,
            float[] mins) {
        int columns = tensor.columns();
        int groups = Math.ceilDiv(columns, GROUP_COLUMNS);
        check(tensor, firstRow, rowCount, codes.length);
        Objects.checkFromIndexSize(0L, (long) rowCount * groups, scales.length);
        Objects.checkFromIndexSize(0L, (long) rowCount * groups, mins.length);
        byte[] block = new byte[BLOCK_BYTES];
        for (int i = 0; i < rowCount; i++) {
            int row = (firstRow + i) % BLOCK_ROWS;
            for (int g = 0; g < groups; g++) {
                int first = g * GROUP_COLUMNS;
                if (first % BLOCK_COLUMNS == 0) {
                    load(tensor, (firstRow + i) / BLOCK_ROWS, first / BLOCK_COLUMNS, block);
                }
                int pair = pairOffset(row, first % BLOCK_COLUMNS / GROUP_COLUMNS);
                scales[i * groups + g] = bfloat16(block, pair);
                mins[i * groups + g] = bfloat16(block, pair + MINS_OFFSET);
                int code = codeOffset(row, first % BLOCK_COLUMNS);
                for (int c = 0; c < Math.min(GROUP_COLUMNS, columns - first); c++) {
                    int value = block[code + 8 * c] >>> (row & 1) * 4 & 15;
                    codes[i * columns + first + c] = (byte) value;
                }
            }
        }
    }

    private static void check(Q4nxTensor tensor, int firstRow, int rowCount, long capacity) {
        Objects.checkFromIndexSize(firstRow, rowCount, tensor.rows());
        Objects.checkFromIndexSize(0L, (long) rowCount * tensor.columns(), capacity);
    }

    private static void load(Q4nxTensor tensor, int rowBlock, int columnBlock, byte[] block) {
        MemorySegment.copy(
                tensor.data(),
                ValueLayout.JAVA_BYTE,
                tensor.blockOffset(rowBlock, columnBlock),
                block,
                0,
                BLOCK_BYTES);
    }

    private static void decode(byte[] block, int row, int count, float[] destination, int offset) {
        int shift = (row & 1) * 4;
        for (int first = 0; first < count; first += GROUP_COLUMNS) {
            int pair = pairOffset(row, first / GROUP_COLUMNS);
            float scale = bfloat16(block, pair);
            float min = bfloat16(block, pair + MINS_OFFSET);
            int code = codeOffset(row, first);
            int group = Math.min(GROUP_COLUMNS, count - first);
            for (int i = 0; i < group; i++) {
                destination[offset + first + i] =
                        scale * (block[code + 8 * i] >>> shift & 15) + min;
            }
        }
    }

    private static int pairOffset(int row, int group) {
        return 2 * (group * BLOCK_ROWS + row);
    }

    private static int codeOffset(int row, int column) {
        return CODES_OFFSET + row / 16 * HALF_BYTES + column * 8 + row % 16 / 2;
    }

    private static float bfloat16(byte[] block, int offset) {
        return Bfloat16.toFloat((short) (block[offset] & 0xff | block[offset + 1] << 8));
    }
}
