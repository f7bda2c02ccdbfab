package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The microkernel of dense products on the Vector API: a panel, 32 values side by side, times tiles
 * of rows whose sums stay in registers. The 32 values are rows of weights and the tile's rows
 * tokens ({@link VectorPanels}), or the other way round ({@link VectorTokenPanels}).
 *
 * <p>Vector calls are written out: C2 stops inlining helpers of ours in graphs of this size, and
 * every vector that passes a call is boxed. Addresses are carried on, because computing them anew
 * would take the ports of the multiply-adds.
 */
final class VectorTile {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = Lanes.COUNT;

    /**
     * Rows whose sums, two vectors each, fit the registers: 32 with AVX-512. Of 16 registers ten
     * hold the sums of five; with twelve C2 spills one, and runs at half the speed.
     */
    static final int ROWS = LANES == 16 ? 8 : 5;

    /** Rows that are quicker one by one than as a whole tile. */
    private static final int FEW = 2;

    /** Values of a panel's column. */
    private static final int VALUES = 32;

    /** Bytes of a panel's column, and of a row's sums. */
    private static final int WIDTH = 4 * VALUES;

    private VectorTile() {}

    /**
     * Adds a product: {@code sums[r][v] += sum over c of tiles[r / ROWS][c][r % ROWS] *
     * panel[c][v]}.
     *
     * @param panel {@code [columns][32]}
     * @param panelIndex index of the first column
     * @param columns the inner dimension
     * @param tiles some {@code [columns][ROWS]}
     * @param tileIndex index of the first
     * @param tileStep distance of one tile and the next
     * @param rows rows of all tiles, at least 1; the last tile may have others, whose sums are left
     *     undefined
     * @param sums {@code [tiles][ROWS][32]}
     * @param sumsIndex index of the first
     */
    static void multiplyAdd(
            MemorySegment panel,
            long panelIndex,
            int columns,
            MemorySegment tiles,
            long tileIndex,
            long tileStep,
            int rows,
            MemorySegment sums,
            long sumsIndex) {
        int count = Math.ceilDiv(rows, ROWS);
        long floats = (count - 1) * tileStep + (long) columns * ROWS;
        long column = RawMemory.at(panel, 4 * panelIndex, (long) WIDTH * columns);
        long tile = RawMemory.at(tiles, 4 * tileIndex, 4 * floats);
        long sum = RawMemory.at(sums, 4 * sumsIndex, (long) count * ROWS * WIDTH);
        for (int left = rows; left > 0; left -= ROWS) {
            for (int v = 0; v < WIDTH; v += 2 * 4 * LANES) {
                if (left <= FEW) {
                    for (int r = 0; r < left; r++) {
                        long to = sum + v + (long) r * WIDTH;
                        one(panel, column + v, columns, tiles, tile + 4L * r, sums, to);
                    }
                } else if (ROWS == 8) {
                    eight(panel, column + v, columns, tiles, tile, sums, sum + v);
                } else {
                    five(panel, column + v, columns, tiles, tile, sums, sum + v);
                }
            }
            tile += 4 * tileStep;
            sum += ROWS * WIDTH;
        }
    }

    private static void one(
            MemorySegment panelMemory,
            long firstColumn,
            int columns,
            MemorySegment tileMemory,
            long tile,
            MemorySegment sumsMemory,
            long firstSum) {
        MemorySegment panel = RawMemory.of(panelMemory);
        MemorySegment x = RawMemory.of(tileMemory);
        MemorySegment sums = RawMemory.of(sumsMemory);
        long s = firstSum & RawMemory.INDEX;
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, sums, s, LITTLE_ENDIAN);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, sums, s + 4 * LANES, LITTLE_ENDIAN);
        long column = firstColumn;
        long row = tile;
        for (long end = column + (long) WIDTH * columns; column != end; column += WIDTH) {
            long at = column & RawMemory.INDEX;
            FloatVector v =
                    FloatVector.broadcast(
                            FLOATS, x.get(JAVA_FLOAT_UNALIGNED, row & RawMemory.INDEX));
            a = FloatVector.fromMemorySegment(FLOATS, panel, at, LITTLE_ENDIAN).fma(v, a);
            b =
                    FloatVector.fromMemorySegment(FLOATS, panel, at + 4 * LANES, LITTLE_ENDIAN)
                            .fma(v, b);
            row += 4 * ROWS;
        }
        a.intoMemorySegment(sums, s, LITTLE_ENDIAN);
        b.intoMemorySegment(sums, s + 4 * LANES, LITTLE_ENDIAN);
    }

    private static void eight(
            MemorySegment panelMemory,
            long firstColumn,
            int columns,
            MemorySegment tileMemory,
            long tile,
            MemorySegment sumsMemory,
            long firstSum) {
        MemorySegment panel = RawMemory.of(panelMemory);
        MemorySegment x = RawMemory.of(tileMemory);
        MemorySegment sums = RawMemory.of(sumsMemory);
        long s = firstSum & RawMemory.INDEX;
        FloatVector a0 = FloatVector.fromMemorySegment(FLOATS, sums, s, LITTLE_ENDIAN);
        FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, sums, s + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a1 = FloatVector.fromMemorySegment(FLOATS, sums, s + WIDTH, LITTLE_ENDIAN);
        FloatVector b1 =
                FloatVector.fromMemorySegment(FLOATS, sums, s + WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a2 = FloatVector.fromMemorySegment(FLOATS, sums, s + 2 * WIDTH, LITTLE_ENDIAN);
        FloatVector b2 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 2 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a3 = FloatVector.fromMemorySegment(FLOATS, sums, s + 3 * WIDTH, LITTLE_ENDIAN);
        FloatVector b3 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 3 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a4 = FloatVector.fromMemorySegment(FLOATS, sums, s + 4 * WIDTH, LITTLE_ENDIAN);
        FloatVector b4 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 4 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a5 = FloatVector.fromMemorySegment(FLOATS, sums, s + 5 * WIDTH, LITTLE_ENDIAN);
        FloatVector b5 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 5 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a6 = FloatVector.fromMemorySegment(FLOATS, sums, s + 6 * WIDTH, LITTLE_ENDIAN);
        FloatVector b6 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 6 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a7 = FloatVector.fromMemorySegment(FLOATS, sums, s + 7 * WIDTH, LITTLE_ENDIAN);
        FloatVector b7 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 7 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        long column = firstColumn;
        long row = tile;
        for (long end = column + (long) WIDTH * columns; column != end; column += WIDTH) {
            long at = column & RawMemory.INDEX;
            long t = row & RawMemory.INDEX;
            FloatVector p = FloatVector.fromMemorySegment(FLOATS, panel, at, LITTLE_ENDIAN);
            FloatVector q =
                    FloatVector.fromMemorySegment(FLOATS, panel, at + 4 * LANES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t));
            a0 = p.fma(v, a0);
            b0 = q.fma(v, b0);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 4));
            a1 = p.fma(v, a1);
            b1 = q.fma(v, b1);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 8));
            a2 = p.fma(v, a2);
            b2 = q.fma(v, b2);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 12));
            a3 = p.fma(v, a3);
            b3 = q.fma(v, b3);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 16));
            a4 = p.fma(v, a4);
            b4 = q.fma(v, b4);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 20));
            a5 = p.fma(v, a5);
            b5 = q.fma(v, b5);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 24));
            a6 = p.fma(v, a6);
            b6 = q.fma(v, b6);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 28));
            a7 = p.fma(v, a7);
            b7 = q.fma(v, b7);
            row += 4 * 8;
        }
        a0.intoMemorySegment(sums, s, LITTLE_ENDIAN);
        b0.intoMemorySegment(sums, s + 4 * LANES, LITTLE_ENDIAN);
        a1.intoMemorySegment(sums, s + WIDTH, LITTLE_ENDIAN);
        b1.intoMemorySegment(sums, s + WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a2.intoMemorySegment(sums, s + 2 * WIDTH, LITTLE_ENDIAN);
        b2.intoMemorySegment(sums, s + 2 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a3.intoMemorySegment(sums, s + 3 * WIDTH, LITTLE_ENDIAN);
        b3.intoMemorySegment(sums, s + 3 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a4.intoMemorySegment(sums, s + 4 * WIDTH, LITTLE_ENDIAN);
        b4.intoMemorySegment(sums, s + 4 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a5.intoMemorySegment(sums, s + 5 * WIDTH, LITTLE_ENDIAN);
        b5.intoMemorySegment(sums, s + 5 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a6.intoMemorySegment(sums, s + 6 * WIDTH, LITTLE_ENDIAN);
        b6.intoMemorySegment(sums, s + 6 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a7.intoMemorySegment(sums, s + 7 * WIDTH, LITTLE_ENDIAN);
        b7.intoMemorySegment(sums, s + 7 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
    }

    private static void five(
            MemorySegment panelMemory,
            long firstColumn,
            int columns,
            MemorySegment tileMemory,
            long tile,
            MemorySegment sumsMemory,
            long firstSum) {
        MemorySegment panel = RawMemory.of(panelMemory);
        MemorySegment x = RawMemory.of(tileMemory);
        MemorySegment sums = RawMemory.of(sumsMemory);
        long s = firstSum & RawMemory.INDEX;
        FloatVector a0 = FloatVector.fromMemorySegment(FLOATS, sums, s, LITTLE_ENDIAN);
        FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, sums, s + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a1 = FloatVector.fromMemorySegment(FLOATS, sums, s + WIDTH, LITTLE_ENDIAN);
        FloatVector b1 =
                FloatVector.fromMemorySegment(FLOATS, sums, s + WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a2 = FloatVector.fromMemorySegment(FLOATS, sums, s + 2 * WIDTH, LITTLE_ENDIAN);
        FloatVector b2 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 2 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a3 = FloatVector.fromMemorySegment(FLOATS, sums, s + 3 * WIDTH, LITTLE_ENDIAN);
        FloatVector b3 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 3 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        FloatVector a4 = FloatVector.fromMemorySegment(FLOATS, sums, s + 4 * WIDTH, LITTLE_ENDIAN);
        FloatVector b4 =
                FloatVector.fromMemorySegment(
                        FLOATS, sums, s + 4 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        long column = firstColumn;
        long row = tile;
        for (long end = column + (long) WIDTH * columns; column != end; column += WIDTH) {
            long at = column & RawMemory.INDEX;
            long t = row & RawMemory.INDEX;
            FloatVector p = FloatVector.fromMemorySegment(FLOATS, panel, at, LITTLE_ENDIAN);
            FloatVector q =
                    FloatVector.fromMemorySegment(FLOATS, panel, at + 4 * LANES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t));
            a0 = p.fma(v, a0);
            b0 = q.fma(v, b0);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 4));
            a1 = p.fma(v, a1);
            b1 = q.fma(v, b1);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 8));
            a2 = p.fma(v, a2);
            b2 = q.fma(v, b2);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 12));
            a3 = p.fma(v, a3);
            b3 = q.fma(v, b3);
            v = FloatVector.broadcast(FLOATS, x.get(JAVA_FLOAT_UNALIGNED, t + 16));
            a4 = p.fma(v, a4);
            b4 = q.fma(v, b4);
            row += 4 * 5;
        }
        a0.intoMemorySegment(sums, s, LITTLE_ENDIAN);
        b0.intoMemorySegment(sums, s + 4 * LANES, LITTLE_ENDIAN);
        a1.intoMemorySegment(sums, s + WIDTH, LITTLE_ENDIAN);
        b1.intoMemorySegment(sums, s + WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a2.intoMemorySegment(sums, s + 2 * WIDTH, LITTLE_ENDIAN);
        b2.intoMemorySegment(sums, s + 2 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a3.intoMemorySegment(sums, s + 3 * WIDTH, LITTLE_ENDIAN);
        b3.intoMemorySegment(sums, s + 3 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
        a4.intoMemorySegment(sums, s + 4 * WIDTH, LITTLE_ENDIAN);
        b4.intoMemorySegment(sums, s + 4 * WIDTH + 4 * LANES, LITTLE_ENDIAN);
    }
}
