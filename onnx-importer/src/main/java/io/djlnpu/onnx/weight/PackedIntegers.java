package io.djlnpu.onnx.weight;

/** Packed zero points as an array of their own. */
record PackedIntegers(Codes codes, int rows, int columns) implements WeightExpression {

    @Override
    public long[] shape() {
        return new long[] {rows, columns};
    }

    @Override
    public int bits() {
        return codes.bits();
    }

    @Override
    public void read(int firstRow, int count, int firstColumn, int width, float[] destination) {
        for (int row = 0; row < count; row++) {
            for (int column = 0; column < width; column++) {
                destination[row * width + column] =
                        codes.get((long) firstRow + row, (long) firstColumn + column);
            }
        }
    }
}
