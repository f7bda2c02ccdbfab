package io.djlnpu.onnx.weight;

import io.djlnpu.onnx.OnnxTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The leaf: a tensor of the file. */
final class StoredWeight implements WeightExpression {

    private final OnnxTensor tensor;
    private volatile MemorySegment bytes;

    StoredWeight(OnnxTensor tensor) {
        this.tensor = tensor;
    }

    OnnxTensor tensor() {
        return tensor;
    }

    @Override
    public long[] shape() {
        return tensor.shape();
    }

    @Override
    public int bits() {
        return tensor.type().bits();
    }

    @Override
    public void read(int firstRow, int rows, int firstColumn, int columns, float[] destination)
            throws IOException {
        MemorySegment source = bytes();
        int width = columns();
        if (columns == width) {
            tensor.type().toFloats(source, (long) firstRow * width, rows * width, destination, 0);
            return;
        }
        for (int row = 0; row < rows; row++) {
            long first = (long) (firstRow + row) * width + firstColumn;
            tensor.type().toFloats(source, first, columns, destination, row * columns);
        }
    }

    private MemorySegment bytes() throws IOException {
        MemorySegment known = bytes;
        if (known == null) {
            known = tensor.bytes();
            bytes = known;
        }
        return known;
    }
}
