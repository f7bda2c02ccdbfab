package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
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
 * {@link MatrixVector} on the Vector API: rows in the lanes, one column's 16 nibbles broadcast and
 * shifted apart.
 *
 * <p>Vector calls are written out: C2 stops inlining helpers of ours in graphs of this size, and
 * every vector that passes a call is boxed.
 */
final class VectorMatrixVector implements MatrixVector {

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Long> LONGS = Lanes.LONGS;
    private static final int LANES = Lanes.COUNT;

    /** Scratch: 32 rows' sums, their mins' sums, then a block's scales and mins. */
    private static final int MIN_SUMS = 32;

    private static final int SCALES = 64;
    private static final int MINS = SCALES + 256;

    private static final IntVector SHIFT =
            IntVector.broadcast(Lanes.INTS, 0).addIndex(1).lanewise(VectorOperators.ASHR, 1).mul(4);

    private final VectorPackedMatrix packed = new VectorPackedMatrix();
    private final VectorMatrixFour matrixFour = new VectorMatrixFour();

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
        if (rowBlocks == 0) {
            return;
        }
        int columns = columnBlocks * Q4nxFormat.BLOCK_COLUMNS;
        long first =
                RawMemory.at(
                        blocks, offset, (long) rowBlocks * columnBlocks * Q4nxFormat.BLOCK_BYTES);
        long vector = RawMemory.at(prepared, 0, 4L * MatrixVector.preparedLength(columns));
        long work = RawMemory.at(scratch, 0, 4L * SCRATCH_FLOATS);
        long groupSums = 2L * columnBlocks * Q4nxFormat.BLOCK_COLUMNS;
        for (int r = 0; r < rowBlocks; r++) {
            for (int i = 0; i < SCALES; i++) {
                scratch.setAtIndex(JAVA_FLOAT, i, 0);
            }
            for (int b = 0; b < columnBlocks; b++) {
                long block = offset + ((long) r * columnBlocks + b) * Q4nxFormat.BLOCK_BYTES;
                BlockHead.widen(blocks, block, scratch, SCALES);
                BlockHead.widen(blocks, block + Q4nxFormat.MINS_OFFSET, scratch, MINS);
                for (int g = 0; g < Q4nxFormat.BLOCK_GROUPS; g++) {
                    int group = b * Q4nxFormat.BLOCK_GROUPS + g;
                    float sum = prepared.getAtIndex(JAVA_FLOAT, groupSums + group);
                    for (int part = 0; part < 16; part += LANES) {
                        group(
                                blocks,
                                first + (block - offset) + Q4nxFormat.CODES_OFFSET + 256L * g,
                                prepared,
                                vector + 128L * group,
                                sum,
                                scratch,
                                work,
                                32 * g,
                                part);
                    }
                }
            }
            for (int position = 0; position < 32; position++) {
                float sum =
                        scratch.getAtIndex(JAVA_FLOAT, position)
                                + scratch.getAtIndex(JAVA_FLOAT, MIN_SUMS + position);
                y.setAtIndex(JAVA_FLOAT, yIndex + 32L * r + BlockHead.row(position), sum);
            }
        }
    }

    /** One group of 32 columns: as many rows as there are lanes, of both halves of the block. */
    private static void group(
            MemorySegment blockMemory,
            long codes,
            MemorySegment preparedMemory,
            long firstX,
            float groupSum,
            MemorySegment scratchMemory,
            long work,
            int pair,
            int part) {
        MemorySegment blocks = RawMemory.of(blockMemory);
        MemorySegment prepared = RawMemory.of(preparedMemory);
        MemorySegment scratch = RawMemory.of(scratchMemory);
        IntVector shift = SHIFT.add(2 * part);
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        FloatVector highEven = even;
        FloatVector highOdd = even;
        for (int c = 0; c < Q4nxFormat.GROUP_COLUMNS; c += 2) {
            long column = codes + 8 * c & RawMemory.INDEX;
            long at = firstX + 4 * c & RawMemory.INDEX;
            FloatVector x = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, at));
            even =
                    ((FloatVector)
                                    LongVector.broadcast(
                                                    LONGS, blocks.get(JAVA_LONG_UNALIGNED, column))
                                            .reinterpretAsInts()
                                            .lanewise(VectorOperators.LSHR, shift)
                                            .and(15)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, even);
            highEven =
                    ((FloatVector)
                                    LongVector.broadcast(
                                                    LONGS,
                                                    blocks.get(
                                                            JAVA_LONG_UNALIGNED,
                                                            column + Q4nxFormat.HALF_BYTES))
                                            .reinterpretAsInts()
                                            .lanewise(VectorOperators.LSHR, shift)
                                            .and(15)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, highEven);
            x = FloatVector.broadcast(FLOATS, prepared.get(JAVA_FLOAT_UNALIGNED, at + 4));
            odd =
                    ((FloatVector)
                                    LongVector.broadcast(
                                                    LONGS,
                                                    blocks.get(JAVA_LONG_UNALIGNED, column + 8))
                                            .reinterpretAsInts()
                                            .lanewise(VectorOperators.LSHR, shift)
                                            .and(15)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, odd);
            highOdd =
                    ((FloatVector)
                                    LongVector.broadcast(
                                                    LONGS,
                                                    blocks.get(
                                                            JAVA_LONG_UNALIGNED,
                                                            column + 8 + Q4nxFormat.HALF_BYTES))
                                            .reinterpretAsInts()
                                            .lanewise(VectorOperators.LSHR, shift)
                                            .and(15)
                                            .convert(VectorOperators.I2F, 0))
                            .fma(x, highOdd);
        }
        FloatVector x = FloatVector.broadcast(FLOATS, groupSum);
        long low = work + 4 * part & RawMemory.INDEX;
        long high = low + 4 * 16;
        long scales = low + 4 * (SCALES + pair) & RawMemory.INDEX;
        long mins = low + 4 * (MINS + pair) & RawMemory.INDEX;
        even.add(odd)
                .fma(
                        FloatVector.fromMemorySegment(FLOATS, scratch, scales, LITTLE_ENDIAN),
                        FloatVector.fromMemorySegment(FLOATS, scratch, low, LITTLE_ENDIAN))
                .intoMemorySegment(scratch, low, LITTLE_ENDIAN);
        highEven.add(highOdd)
                .fma(
                        FloatVector.fromMemorySegment(
                                FLOATS, scratch, scales + 4 * 16, LITTLE_ENDIAN),
                        FloatVector.fromMemorySegment(FLOATS, scratch, high, LITTLE_ENDIAN))
                .intoMemorySegment(scratch, high, LITTLE_ENDIAN);
        low += 4 * MIN_SUMS;
        high += 4 * MIN_SUMS;
        FloatVector.fromMemorySegment(FLOATS, scratch, mins, LITTLE_ENDIAN)
                .fma(x, FloatVector.fromMemorySegment(FLOATS, scratch, low, LITTLE_ENDIAN))
                .intoMemorySegment(scratch, low, LITTLE_ENDIAN);
        FloatVector.fromMemorySegment(FLOATS, scratch, mins + 4 * 16, LITTLE_ENDIAN)
                .fma(x, FloatVector.fromMemorySegment(FLOATS, scratch, high, LITTLE_ENDIAN))
                .intoMemorySegment(scratch, high, LITTLE_ENDIAN);
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
        packed.multiply(
                units, offset, rowBlocks, across, paddedColumns, prepared, y, yIndex, scratch);
    }

    /** With 16 lanes four vectors take hardly longer than two, and eight than five. */
    @Override
    public int foursOf(int vectors) {
        return Lanes.COUNT == 16 && vectors > 1
                ? Math.ceilDiv(vectors, 4)
                : MatrixVector.super.foursOf(vectors);
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
        matrixFour.multiply(
                units,
                offset,
                rowBlocks,
                across,
                paddedColumns,
                batch,
                fours,
                products,
                yIndex,
                scratch);
    }
}
