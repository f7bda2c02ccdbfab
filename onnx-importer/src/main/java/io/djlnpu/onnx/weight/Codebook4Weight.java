package io.djlnpu.onnx.weight;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The codebooks of bitsandbytes, as MatMulBnb4 stores them: the high nibble first, one absolute
 * maximum per block of the flattened matrix, blocks crossing rows where they must.
 *
 * @param rows rows of the matrix
 * @param columns columns of the matrix
 * @param bytes two codes a byte
 * @param block elements that share a maximum
 * @param maxima the maxima as {@code [1, blocks]}
 * @param codebook the sixteen values
 */
record Codebook4Weight(
        int rows,
        int columns,
        MemorySegment bytes,
        int block,
        WeightExpression maxima,
        float[] codebook)
        implements WeightExpression {

    /** NormalFloat 4 of bitsandbytes. */
    static final float[] NF4 = {
        -1f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
        -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0f,
        0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1f
    };

    /** FloatingPoint 4 of bitsandbytes. */
    static final float[] FP4 = {
        0f, 1 / 192f, 2 / 3f, 1f, 1 / 3f, 1 / 2f, 1 / 6f, 1 / 4f,
        -0f, -1 / 192f, -2 / 3f, -1f, -1 / 3f, -1 / 2f, -1 / 6f, -1 / 4f
    };

    @Override
    public long[] shape() {
        return new long[] {rows, columns};
    }

    @Override
    public int bits() {
        return 4;
    }

    @Override
    public void read(int firstRow, int count, int firstColumn, int width, float[] destination)
            throws IOException {
        for (int row = 0; row < count; row++) {
            long start = (long) (firstRow + row) * columns + firstColumn;
            int firstBlock = (int) (start / block);
            float[] maximum = new float[(int) ((start + width - 1) / block) - firstBlock + 1];
            maxima.read(0, 1, firstBlock, maximum.length, maximum);
            for (int column = 0; column < width; column++) {
                long index = start + column;
                int shift = (index & 1) == 0 ? 4 : 0;
                int code = bytes.get(ValueLayout.JAVA_BYTE, index >> 1) >> shift & 0xF;
                destination[row * width + column] =
                        codebook[code] * maximum[(int) (index / block) - firstBlock];
            }
        }
    }
}
