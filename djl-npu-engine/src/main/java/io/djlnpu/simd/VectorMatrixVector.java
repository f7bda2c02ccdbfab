package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link MatrixVector} on the Vector API.
 *
 * <p>A vector of ints holds several columns of 16 rows, two ints of eight nibbles each. Nibble n is
 * masked where it stands and converted, so its products carry a factor 16^n, exact and taken out
 * when the row is finished: three instructions for as many weights as there are lanes.
 */
final class VectorMatrixVector implements MatrixVector {

    /**
     * Scratch: the partial sums of 2 x 8 nibbles, the mins' sums, then a block's scales and mins.
     */
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private static final int MIN_SUMS = 16 * 16;

    private static final int SCALES = MIN_SUMS + 32;
    private static final int MINS = SCALES + 256;
    private static final int VECTORS_PER_GROUP = 64 / Lanes.COUNT;

    @Override
    public void prepare(
            MemorySegment x, long xIndex, int columns, int paddedColumns, MemorySegment prepared) {
        for (int c = 0; c < columns; c++) {
            float value = x.getAtIndex(JAVA_FLOAT, xIndex + c);
            prepared.setAtIndex(JAVA_FLOAT, 2L * c, value);
            prepared.setAtIndex(JAVA_FLOAT, 2L * c + 1, value);
        }
        for (long i = 2L * columns; i < 2L * paddedColumns; i++) {
            prepared.setAtIndex(JAVA_FLOAT, i, 0);
        }
        for (int g = 0; g < paddedColumns / Q4nxFormat.GROUP_COLUMNS; g++) {
            float sum = 0;
            for (int c = 0; c < Q4nxFormat.GROUP_COLUMNS; c++) {
                sum += prepared.getAtIndex(JAVA_FLOAT, 2L * (g * Q4nxFormat.GROUP_COLUMNS + c));
            }
            prepared.setAtIndex(JAVA_FLOAT, 2L * paddedColumns + g, sum);
        }
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
        long groupSums = 2L * columnBlocks * Q4nxFormat.BLOCK_COLUMNS;
        for (int r = 0; r < rowBlocks; r++) {
            FloatVector zero = FloatVector.zero(F);
            for (int i = 0; i < SCALES; i += Lanes.COUNT) {
                zero.intoMemorySegment(scratch, 4 * (i), LITTLE_ENDIAN);
            }
            for (int b = 0; b < columnBlocks; b++) {
                long block = offset + ((long) r * columnBlocks + b) * Q4nxFormat.BLOCK_BYTES;
                head(
                        blocks,
                        block,
                        prepared,
                        groupSums + (long) b * Q4nxFormat.BLOCK_GROUPS,
                        scratch);
                codes(
                        blocks,
                        block + Q4nxFormat.CODES_OFFSET,
                        prepared,
                        2L * b * Q4nxFormat.BLOCK_COLUMNS,
                        scratch);
            }
            finish(scratch, y, yIndex + 32L * r);
        }
    }

    private static void head(
            MemorySegment blocks,
            long block,
            MemorySegment prepared,
            long groupSums,
            MemorySegment scratch) {
        BlockHead.widen(blocks, block, scratch, SCALES);
        BlockHead.widen(blocks, block + Q4nxFormat.MINS_OFFSET, scratch, MINS);
        for (int v = 0; v < 32; v += Lanes.COUNT) {
            FloatVector sum =
                    FloatVector.fromMemorySegment(F, scratch, 4 * (MIN_SUMS + v), LITTLE_ENDIAN);
            for (int g = 0; g < Q4nxFormat.BLOCK_GROUPS; g++) {
                float x = prepared.getAtIndex(JAVA_FLOAT, groupSums + g);
                sum =
                        FloatVector.fromMemorySegment(
                                        F, scratch, 4 * (MINS + 32 * g + v), LITTLE_ENDIAN)
                                .fma(FloatVector.broadcast(F, x), sum);
            }
            sum.intoMemorySegment(scratch, 4 * (MIN_SUMS + v), LITTLE_ENDIAN);
        }
    }

    private static void codes(
            MemorySegment blocks,
            long codes,
            MemorySegment prepared,
            long xIndex,
            MemorySegment scratch) {
        for (int half = 0; half < 2; half++) {
            for (int g = 0; g < Q4nxFormat.BLOCK_GROUPS; g++) {
                group(
                        blocks,
                        codes + half * (long) Q4nxFormat.HALF_BYTES + 256L * g,
                        prepared,
                        xIndex + 64L * g,
                        scratch,
                        128L * half,
                        SCALES + 32L * g + 16 * half);
            }
        }
    }

    /** One group of 32 columns and 16 rows: 256 bytes of codes. */
    private static void group(
            MemorySegment blocks,
            long codes,
            MemorySegment prepared,
            long xIndex,
            MemorySegment scratch,
            long sums,
            long scales) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        for (int j = 0; j < VECTORS_PER_GROUP; j++) {
            long step = (long) j * Lanes.COUNT;
            IntVector v =
                    IntVector.fromMemorySegment(INTS, blocks, codes + 4 * step, LITTLE_ENDIAN);
            FloatVector x =
                    FloatVector.fromMemorySegment(F, prepared, 4 * (xIndex + step), LITTLE_ENDIAN);
            a0 = ((FloatVector) v.and(0xf).convert(VectorOperators.I2F, 0)).fma(x, a0);
            a1 = ((FloatVector) v.and(0xf0).convert(VectorOperators.I2F, 0)).fma(x, a1);
            a2 = ((FloatVector) v.and(0xf00).convert(VectorOperators.I2F, 0)).fma(x, a2);
            a3 = ((FloatVector) v.and(0xf000).convert(VectorOperators.I2F, 0)).fma(x, a3);
            a4 = ((FloatVector) v.and(0xf0000).convert(VectorOperators.I2F, 0)).fma(x, a4);
            a5 = ((FloatVector) v.and(0xf00000).convert(VectorOperators.I2F, 0)).fma(x, a5);
            a6 = ((FloatVector) v.and(0xf000000).convert(VectorOperators.I2F, 0)).fma(x, a6);
            a7 =
                    ((FloatVector)
                                    v.lanewise(VectorOperators.LSHR, 28)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, a7);
        }
        a0.fma(
                        LongVector.broadcast(LONGS, scratch.get(JAVA_LONG_UNALIGNED, 4 * (scales)))
                                .reinterpretAsFloats(),
                        FloatVector.fromMemorySegment(F, scratch, 4 * (sums), LITTLE_ENDIAN))
                .intoMemorySegment(scratch, 4 * (sums), LITTLE_ENDIAN);
        sums += Lanes.COUNT;
        a1.fma(
                        LongVector.broadcast(
                                        LONGS, scratch.get(JAVA_LONG_UNALIGNED, 4 * (scales + 2)))
                                .reinterpretAsFloats(),
                        FloatVector.fromMemorySegment(F, scratch, 4 * (sums), LITTLE_ENDIAN))
                .intoMemorySegment(scratch, 4 * (sums), LITTLE_ENDIAN);
        sums += Lanes.COUNT;
        a2.fma(
                        LongVector.broadcast(
                                        LONGS, scratch.get(JAVA_LONG_UNALIGNED, 4 * (scales + 4)))
                                .reinterpretAsFloats(),
                        FloatVector.fromMemorySegment(F, scratch, 4 * (sums), LITTLE_ENDIAN))
                .intoMemorySegment(scratch, 4 * (sums), LITTLE_ENDIAN);
        sums += Lanes.COUNT;
        a3.fma(
                        LongVector.broadcast(
                                        LONGS, scratch.get(JAVA_LONG_UNALIGNED, 4 * (scales + 6)))
                                .reinterpretAsFloats(),
                        FloatVector.fromMemorySegment(F, scratch, 4 * (sums), LITTLE_ENDIAN))
                .intoMemorySegment(scratch, 4 * (sums), LITTLE_ENDIAN);
        sums += Lanes.COUNT;
        a4.fma(
                        LongVector.broadcast(
                                        LONGS, scratch.get(JAVA_LONG_UNALIGNED, 4 * (scales + 8)))
                                .reinterpretAsFloats(),
                        FloatVector.fromMemorySegment(F, scratch, 4 * (sums), LITTLE_ENDIAN))
                .intoMemorySegment(scratch, 4 * (sums), LITTLE_ENDIAN);
        sums += Lanes.COUNT;
        a5.fma(
                        LongVector.broadcast(
                                        LONGS, scratch.get(JAVA_LONG_UNALIGNED, 4 * (scales + 10)))
                                .reinterpretAsFloats(),
                        FloatVector.fromMemorySegment(F, scratch, 4 * (sums), LITTLE_ENDIAN))
                .intoMemorySegment(scratch, 4 * (sums), LITTLE_ENDIAN);
        sums += Lanes.COUNT;
        a6.fma(
                        LongVector.broadcast(
                                        LONGS, scratch.get(JAVA_LONG_UNALIGNED, 4 * (scales + 12)))
                                .reinterpretAsFloats(),
                        FloatVector.fromMemorySegment(F, scratch, 4 * (sums), LITTLE_ENDIAN))
                .intoMemorySegment(scratch, 4 * (sums), LITTLE_ENDIAN);
        sums += Lanes.COUNT;
        a7.fma(
                        LongVector.broadcast(
                                        LONGS, scratch.get(JAVA_LONG_UNALIGNED, 4 * (scales + 14)))
                                .reinterpretAsFloats(),
                        FloatVector.fromMemorySegment(F, scratch, 4 * (sums), LITTLE_ENDIAN))
                .intoMemorySegment(scratch, 4 * (sums), LITTLE_ENDIAN);
    }

    private static void finish(MemorySegment scratch, MemorySegment y, long yIndex) {
        for (int half = 0; half < 2; half++) {
            float unit = 1;
            for (int n = 0; n < 8; n++) {
                FloatVector sum =
                        Lanes.sumPairs(
                                FloatVector.fromMemorySegment(
                                        F,
                                        scratch,
                                        4 * (128L * half + (long) n * Lanes.COUNT),
                                        LITTLE_ENDIAN));
                float factor = n == 7 ? 1 : unit;
                unit /= 16;
                long min = MIN_SUMS + 16L * half + 2 * n;
                long row = yIndex + 16L * half + n;
                y.setAtIndex(
                        JAVA_FLOAT,
                        row,
                        Math.fma(sum.lane(0), factor, scratch.getAtIndex(JAVA_FLOAT, min)));
                y.setAtIndex(
                        JAVA_FLOAT,
                        row + 8,
                        Math.fma(sum.lane(1), factor, scratch.getAtIndex(JAVA_FLOAT, min + 1)));
            }
        }
    }
}
