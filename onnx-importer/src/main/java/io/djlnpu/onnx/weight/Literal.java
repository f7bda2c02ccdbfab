package io.djlnpu.onnx.weight;

/** Values that stand in an attribute of a node. */
record Literal(float[] values, long[] lengths) implements WeightExpression {

    @Override
    public long[] shape() {
        return lengths.clone();
    }

    @Override
    public int bits() {
        return 32;
    }

    @Override
    public void read(int firstRow, int rows, int firstColumn, int columns, float[] destination) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(
                    values,
                    (firstRow + row) * columns() + firstColumn,
                    destination,
                    row * columns,
                    columns);
        }
    }
}
