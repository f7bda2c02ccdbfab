package io.djlnpu.onnx.weight;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Packed integers on a strided grid: element (row, column) is number {@code row * rowStride +
 * column * columnStride} of the stored sequence, low bits first.
 *
 * @param bytes the packed integers
 * @param bits 2, 4, 8 or 16 each
 * @param signed whether the stored values are two's complement
 * @param rowStride elements from a row to the next
 * @param columnStride elements from a column to the next
 */
record Codes(MemorySegment bytes, int bits, boolean signed, long rowStride, long columnStride) {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    int get(long row, long column) {
        long index = row * rowStride + column * columnStride;
        int value;
        if (bits == 16) {
            value = bytes.get(SHORT, 2 * index) & 0xFFFF;
        } else if (bits == 8) {
            value = bytes.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
        } else {
            int perByte = 8 / bits;
            int shift = (int) (index % perByte) * bits;
            value = bytes.get(ValueLayout.JAVA_BYTE, index / perByte) >> shift & ((1 << bits) - 1);
        }
        if (signed) {
            int half = 1 << (bits - 1);
            value = (value ^ half) - half;
        }
        return value;
    }

    Codes transposed() {
        return new Codes(bytes, bits, signed, columnStride, rowStride);
    }
}
