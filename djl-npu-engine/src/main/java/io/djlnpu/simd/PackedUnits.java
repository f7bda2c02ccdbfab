package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;

/**
 * The layout that the host's inner loops read fastest: the same 5 bits a weight as Q4NX, in the
 * order in which a core uses them, so that a matrix is one sequential stream.
 *
 * <p>A unit is 32 rows x 32 columns in {@value #UNIT_BYTES} bytes: a row's min and scale, both
 * bf16, as one little-endian int each (its head, the scale in the upper half), then for every 8
 * columns two lines of 16 little-endian ints, the first for rows 0 to 15, the second for rows 16 to
 * 31. Nibble n of a row's int is the code of column n of the eight. A matrix is its rows of units
 * from top to bottom, each from left to right; columns that only pad a Q4NX block are left out.
 */
public final class PackedUnits {

    /** Bytes of a unit. */
    public static final int UNIT_BYTES = 640;

    /**
     * Bytes that may be read past the last unit of a matrix, by loops that touch ahead; never used.
     */
    public static final int SLACK_BYTES = 4096;

    /** The half of a row's head that is its scale, as the bits of a float. */
    static final int SCALE_BITS = 0xffff0000;

    /** What moves the other half, the min, to where a float's upper half is. */
    static final int MIN_SHIFT = 16;

    static final int CODES_OFFSET = 128;

    /** Bytes of one line of codes. */
    static final int LINE_BYTES = 64;

    private PackedUnits() {}

    /**
     * Returns the units side by side that hold the columns.
     *
     * @param columns columns without padding
     * @return units of a row
     */
    public static int unitsAcross(int columns) {
        return Math.ceilDiv(columns, Q4nxFormat.GROUP_COLUMNS);
    }

    /**
     * Packs a Q4NX block.
     *
     * @param blocks Q4NX blocks
     * @param offset byte offset of the block
     * @param units how many of the block's 8 groups of columns to pack
     * @param target receives the units
     * @param targetOffset byte offset of the first unit
     */
    public static void pack(
            MemorySegment blocks, long offset, int units, MemorySegment target, long targetOffset) {
        for (int g = 0; g < units; g++) {
            long unit = targetOffset + (long) g * UNIT_BYTES;
            long scales = offset + 64L * g;
            for (int row = 0; row < 32; row++) {
                int scale = blocks.get(Bfloat16.LAYOUT, scales + 2L * row);
                int min = blocks.get(Bfloat16.LAYOUT, scales + Q4nxFormat.MINS_OFFSET + 2L * row);
                target.set(JAVA_INT_UNALIGNED, unit + 4L * row, scale << 16 | min & 0xffff);
            }
            for (int half = 0; half < 2; half++) {
                long codes =
                        offset
                                + Q4nxFormat.CODES_OFFSET
                                + (long) half * Q4nxFormat.HALF_BYTES
                                + 256L * g;
                for (int eight = 0; eight < 4; eight++) {
                    transpose(
                            blocks,
                            codes + 64L * eight,
                            target,
                            unit + CODES_OFFSET + LINE_BYTES * (2L * eight + half));
                }
            }
        }
    }

    /** Where a row's ints begin among the codes; the next lane's worth of rows follows. */
    static int line(int row) {
        return row / 16 * LINE_BYTES + row % 16 * 4;
    }

    /** The scale of a row of a unit. */
    static float scale(MemorySegment units, long unit, int row) {
        return Float.intBitsToFloat(units.get(JAVA_INT_UNALIGNED, unit + 4L * row) & SCALE_BITS);
    }

    /** The min of a row of a unit. */
    static float min(MemorySegment units, long unit, int row) {
        return Float.intBitsToFloat(units.get(JAVA_INT_UNALIGNED, unit + 4L * row) << MIN_SHIFT);
    }

    /** The code of one weight of a unit. */
    static int code(MemorySegment units, long unit, int row, int column) {
        long line = (long) LINE_BYTES * (column / 8 * 2 + row / 16);
        int eight = units.get(JAVA_INT_UNALIGNED, unit + CODES_OFFSET + line + row % 16 * 4);
        return eight >>> column % 8 * 4 & 15;
    }

    /**
     * Eight columns of 16 nibbles become 16 rows of 8 nibbles: two 8 x 8 transpositions at once.
     */
    private static void transpose(MemorySegment columns, long from, MemorySegment rows, long to) {
        long a = columns.get(JAVA_LONG_UNALIGNED, from);
        long b = columns.get(JAVA_LONG_UNALIGNED, from + 8);
        long c = columns.get(JAVA_LONG_UNALIGNED, from + 16);
        long d = columns.get(JAVA_LONG_UNALIGNED, from + 24);
        long e = columns.get(JAVA_LONG_UNALIGNED, from + 32);
        long f = columns.get(JAVA_LONG_UNALIGNED, from + 40);
        long g = columns.get(JAVA_LONG_UNALIGNED, from + 48);
        long h = columns.get(JAVA_LONG_UNALIGNED, from + 56);

        long nibble = 0x0f0f_0f0f_0f0f_0f0fL;
        long t = (a >>> 4 ^ b) & nibble;
        a ^= t << 4;
        b ^= t;
        t = (c >>> 4 ^ d) & nibble;
        c ^= t << 4;
        d ^= t;
        t = (e >>> 4 ^ f) & nibble;
        e ^= t << 4;
        f ^= t;
        t = (g >>> 4 ^ h) & nibble;
        g ^= t << 4;
        h ^= t;

        long pair = 0x00ff_00ff_00ff_00ffL;
        t = (a >>> 8 ^ c) & pair;
        a ^= t << 8;
        c ^= t;
        t = (b >>> 8 ^ d) & pair;
        b ^= t << 8;
        d ^= t;
        t = (e >>> 8 ^ g) & pair;
        e ^= t << 8;
        g ^= t;
        t = (f >>> 8 ^ h) & pair;
        f ^= t << 8;
        h ^= t;

        long quad = 0x0000_ffff_0000_ffffL;
        t = (a >>> 16 ^ e) & quad;
        a ^= t << 16;
        e ^= t;
        t = (b >>> 16 ^ f) & quad;
        b ^= t << 16;
        f ^= t;
        t = (c >>> 16 ^ g) & quad;
        c ^= t << 16;
        g ^= t;
        t = (d >>> 16 ^ h) & quad;
        d ^= t << 16;
        h ^= t;

        store(rows, to, a, b);
        store(rows, to + 8, c, d);
        store(rows, to + 16, e, f);
        store(rows, to + 24, g, h);
    }

    /** The low ints are two neighbouring rows of the first eight, the high ints of the last. */
    private static void store(MemorySegment rows, long to, long first, long second) {
        rows.set(JAVA_INT_UNALIGNED, to, (int) first);
        rows.set(JAVA_INT_UNALIGNED, to + 4, (int) second);
        rows.set(JAVA_INT_UNALIGNED, to + 32, (int) (first >>> 32));
        rows.set(JAVA_INT_UNALIGNED, to + 36, (int) (second >>> 32));
    }
}
