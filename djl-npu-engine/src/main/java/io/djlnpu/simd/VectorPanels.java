package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Panels} on the Vector API: rows in the lanes, tokens broadcast.
 *
 * <p>Vector calls are written out: C2 stops inlining helpers of ours in graphs of this size, and
 * every vector that passes a call is boxed.
 */
final class VectorPanels implements Panels {

    private static final int LANES = Lanes.COUNT;

    private static final int TOKENS = VectorTile.ROWS;

    /** Columns of a tile that are packed for one token after the other. */
    private static final int PACKED_COLUMNS = 256;

    @Override
    public int tokens() {
        return TOKENS;
    }

    @Override
    public void dequantize(
            MemorySegment units, long offset, int count, MemorySegment panel, boolean narrow) {
        for (int u = 0; u < count; u++) {
            long unit = offset + (long) u * PackedUnits.UNIT_BYTES;
            for (int row = 0; row < ROWS; row += LANES) {
                long codes =
                        unit
                                + PackedUnits.CODES_OFFSET
                                + row / 16 * PackedUnits.LINE_BYTES
                                + row % 16 * 4;
                long target = 4L * (32 * ROWS * u + row);
                if (narrow) {
                    expandNarrow(units, unit + 4L * row, codes, panel, target);
                } else {
                    expand(units, unit + 4L * row, codes, panel, target);
                }
            }
        }
    }

    private static void expand(
            MemorySegment units, long head, long codes, MemorySegment panel, long target) {
        IntVector heads = IntVector.fromMemorySegment(Lanes.INTS, units, head, LITTLE_ENDIAN);
        FloatVector scale = heads.and(PackedUnits.SCALE_BITS).reinterpretAsFloats();
        FloatVector min =
                heads.lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT).reinterpretAsFloats();
        for (int eight = 0; eight < 4; eight++) {
            IntVector row =
                    IntVector.fromMemorySegment(
                            Lanes.INTS,
                            units,
                            codes + 2L * PackedUnits.LINE_BYTES * eight,
                            LITTLE_ENDIAN);
            for (int n = 0; n < 8; n++) {
                ((FloatVector)
                                row.lanewise(VectorOperators.LSHR, 4 * n)
                                        .and(15)
                                        .convert(VectorOperators.I2F, 0))
                        .fma(scale, min)
                        .intoMemorySegment(
                                panel, target + 4L * ROWS * (8 * eight + n), LITTLE_ENDIAN);
            }
        }
    }

    private static void expandNarrow(
            MemorySegment units, long head, long codes, MemorySegment panel, long target) {
        IntVector heads = IntVector.fromMemorySegment(Lanes.INTS, units, head, LITTLE_ENDIAN);
        FloatVector scale = heads.and(PackedUnits.SCALE_BITS).reinterpretAsFloats();
        FloatVector min =
                heads.lanewise(VectorOperators.LSHL, PackedUnits.MIN_SHIFT).reinterpretAsFloats();
        for (int eight = 0; eight < 4; eight++) {
            IntVector row =
                    IntVector.fromMemorySegment(
                            Lanes.INTS,
                            units,
                            codes + 2L * PackedUnits.LINE_BYTES * eight,
                            LITTLE_ENDIAN);
            for (int n = 0; n < 8; n++) {
                IntVector bits =
                        ((FloatVector)
                                        row.lanewise(VectorOperators.LSHR, 4 * n)
                                                .and(15)
                                                .convert(VectorOperators.I2F, 0))
                                .fma(scale, min)
                                .reinterpretAsInts();
                IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
                bits.add(0x7fff)
                        .add(odd)
                        .and(0xffff0000)
                        .intoMemorySegment(
                                panel, target + 4L * ROWS * (8 * eight + n), LITTLE_ENDIAN);
            }
        }
    }

    /** Token by token, in runs of columns whose tile stays in L1. */
    @Override
    public void pack(
            MemorySegment x,
            long xIndex,
            int columns,
            int paddedColumns,
            int tokens,
            MemorySegment tile,
            long tileIndex) {
        long from = RawMemory.at(x, 4 * xIndex, 4L * columns * tokens);
        long to = RawMemory.at(tile, 4 * tileIndex, 4L * paddedColumns * TOKENS);
        MemorySegment values = RawMemory.of(x);
        MemorySegment target = RawMemory.of(tile);
        for (int first = 0; first < columns; first += PACKED_COLUMNS) {
            int end = Math.min(columns, first + PACKED_COLUMNS);
            for (int t = 0; t < TOKENS; t++) {
                boolean used = t < tokens;
                long row = from + 4L * t * columns;
                for (int c = first; c < end; c++) {
                    target.set(
                            JAVA_FLOAT_UNALIGNED,
                            to + 4L * (c * TOKENS + t) & RawMemory.INDEX,
                            used
                                    ? values.get(
                                            JAVA_FLOAT_UNALIGNED, row + 4L * c & RawMemory.INDEX)
                                    : 0);
                }
            }
        }
        for (int i = columns * TOKENS; i < paddedColumns * TOKENS; i++) {
            target.set(JAVA_FLOAT_UNALIGNED, to + 4L * i & RawMemory.INDEX, 0);
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
        VectorTile.multiplyAdd(panel, 0, columns, tiles, tileIndex, tileStep, tokens, sums, 0);
    }

    @Override
    public void store(
            MemorySegment sums,
            int tokens,
            boolean narrow,
            MemorySegment y,
            long yIndex,
            long yStep) {
        long from = RawMemory.at(sums, 0, 4L * ROWS * tokens);
        long to = RawMemory.at(y, 4 * yIndex, 4 * ((tokens - 1) * yStep + ROWS));
        MemorySegment source = RawMemory.of(sums);
        MemorySegment target = RawMemory.of(y);
        for (int t = 0; t < tokens; t++) {
            for (int row = 0; row < 4 * ROWS; row += 4 * LANES) {
                IntVector bits =
                        IntVector.fromMemorySegment(
                                Lanes.INTS,
                                source,
                                from + 4L * ROWS * t + row & RawMemory.INDEX,
                                LITTLE_ENDIAN);
                if (narrow) {
                    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
                    bits = bits.add(0x7fff).add(odd).and(0xffff0000);
                }
                bits.intoMemorySegment(
                        target, to + 4L * yStep * t + row & RawMemory.INDEX, LITTLE_ENDIAN);
            }
        }
    }
}
