package io.djlnpu.onnx.weight;

import java.util.Arrays;

/** One value everywhere: the zero point that an operator assumes when it is given none. */
record Uniform(float value, int rows, int columns) implements WeightExpression {

    @Override
    public long[] shape() {
        return new long[] {rows, columns};
    }

    @Override
    public int bits() {
        return 32;
    }

    @Override
    public void read(int firstRow, int count, int firstColumn, int width, float[] destination) {
        Arrays.fill(destination, 0, count * width, value);
    }
}
