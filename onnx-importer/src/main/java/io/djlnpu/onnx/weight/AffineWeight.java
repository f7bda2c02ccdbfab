package io.djlnpu.onnx.weight;

import io.djlnpu.bundle.WeightMatrix.Affine;
import java.io.IOException;
import java.util.Optional;

/**
 * Integers with a scale and a zero point per group: {@code w = (code - zeroPoint) * scale}.
 *
 * <p>One class for MatMulNBits, GatherBlockQuantized, DequantizeLinear in all its forms and
 * MatMulInteger: they differ in how the codes are packed and in what shares a scale.
 *
 * @param rows rows of the matrix
 * @param columns columns of the matrix
 * @param codes the integers
 * @param rowsPerGroup rows that share a scale
 * @param columnsPerGroup columns that share a scale
 * @param scales one per group: {@code [row groups, column groups]}
 * @param zeroPoints one per group, of the same shape
 */
record AffineWeight(
        int rows,
        int columns,
        Codes codes,
        int rowsPerGroup,
        int columnsPerGroup,
        WeightExpression scales,
        WeightExpression zeroPoints)
        implements WeightExpression {

    private static final int GROUP = 32;

    @Override
    public long[] shape() {
        return new long[] {rows, columns};
    }

    @Override
    public int bits() {
        return codes.bits();
    }

    @Override
    public AffineWeight transposed() {
        return new AffineWeight(
                columns,
                rows,
                codes.transposed(),
                columnsPerGroup,
                rowsPerGroup,
                scales.transposed(),
                zeroPoints.transposed());
    }

    @Override
    public void read(int firstRow, int count, int firstColumn, int width, float[] destination)
            throws IOException {
        Groups groups = groups(firstRow, count, firstColumn, width);
        boolean columnsOuter = codes.columnStride() > codes.rowStride();
        int outer = columnsOuter ? width : count;
        int inner = columnsOuter ? count : width;
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < inner; j++) {
                int row = columnsOuter ? j : i;
                int column = columnsOuter ? i : j;
                int group = groups.index(firstRow + row, firstColumn + column);
                destination[row * width + column] =
                        (codes.get(firstRow + row, firstColumn + column) - groups.zeroPoints[group])
                                * groups.scales[group];
            }
        }
    }

    /**
     * <b>Numerics</b>: with a positive scale the offset is {@code -zeroPoint * scale}. A negative
     * scale is mirrored, exactly: {@code code' = 15 - code}, {@code scale' = -scale}, {@code min =
     * scale * (15 - zeroPoint)}. Groups of 64, 128 or a whole row are repeated for each 32 columns.
     */
    @Override
    public Optional<Affine> affine() {
        boolean linesUp =
                codes.bits() == 4
                        && rowsPerGroup == 1
                        && (columnsPerGroup % GROUP == 0 || columnsPerGroup >= columns);
        return linesUp ? Optional.of(this::readAffine) : Optional.empty();
    }

    private void readAffine(int firstRow, int count, byte[] into, float[] scale, float[] min)
            throws IOException {
        Groups groups = groups(firstRow, count, 0, columns);
        int perRow = Math.ceilDiv(columns, GROUP);
        // signed nibbles become 0..15, and so does what is subtracted from them
        int shift = codes.signed() ? 8 : 0;
        for (int row = 0; row < count; row++) {
            for (int column = 0; column < columns; column++) {
                int group = groups.index(firstRow + row, column);
                float s = groups.scales[group];
                float zero = groups.zeroPoints[group] + shift;
                int code = codes.get(firstRow + row, column) + shift;
                into[row * columns + column] = (byte) (s < 0 ? 15 - code : code);
                if (column % GROUP == 0) {
                    int target = row * perRow + column / GROUP;
                    scale[target] = Math.abs(s);
                    min[target] = s < 0 ? s * (15 - zero) : 0f - zero * s;
                }
            }
        }
    }

    private Groups groups(int firstRow, int count, int firstColumn, int width) throws IOException {
        int top = firstRow / rowsPerGroup;
        int left = firstColumn / columnsPerGroup;
        int high = (firstRow + count - 1) / rowsPerGroup - top + 1;
        int wide = (firstColumn + width - 1) / columnsPerGroup - left + 1;
        float[] scale = new float[high * wide];
        float[] zero = new float[high * wide];
        scales.read(top, high, left, wide, scale);
        zeroPoints.read(top, high, left, wide, zero);
        return new Groups(scale, zero, top, left, wide, rowsPerGroup, columnsPerGroup);
    }

    private record Groups(
            float[] scales,
            float[] zeroPoints,
            int top,
            int left,
            int wide,
            int rowsPerGroup,
            int columnsPerGroup) {
        int index(int row, int column) {
            return (row / rowsPerGroup - top) * wide + column / columnsPerGroup - left;
        }
    }
}
