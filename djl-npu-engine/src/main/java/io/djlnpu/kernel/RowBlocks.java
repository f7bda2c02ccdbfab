package io.djlnpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Several matrices that multiply the same input, seen as one column of row blocks: query, key and
 * value, or gate and up, in one parallel region.
 *
 * @param <W> how the weights are stored
 */
final class RowBlocks<W extends Projection> {

    private final W[] weights;
    private final MemorySegment[] outputs;
    private final int total;

    RowBlocks(W[] weights, MemorySegment[] outputs) {
        this.weights = weights.clone();
        this.outputs = outputs.clone();
        int blocks = 0;
        for (Projection tensor : weights) {
            if (tensor.columns() != weights[0].columns()) {
                throw new IllegalArgumentException(
                        "'"
                                + tensor.name()
                                + "' has "
                                + tensor.columns()
                                + " columns, '"
                                + weights[0].name()
                                + "' has "
                                + weights[0].columns()
                                + "; matrices are fused over one input");
            }
            blocks += tensor.rowBlocks();
        }
        total = blocks;
    }

    int total() {
        return total;
    }

    int columns() {
        return weights[0].columns();
    }

    int paddedColumns() {
        return weights[0].paddedColumns();
    }

    /** The matrix that a row block belongs to. */
    int matrixOf(int block) {
        int left = block;
        int i = 0;
        while (left >= weights[i].rowBlocks()) {
            left -= weights[i].rowBlocks();
            i++;
        }
        return i;
    }

    /** The first row block of a matrix. */
    int firstOf(int matrix) {
        int first = 0;
        for (int i = 0; i < matrix; i++) {
            first += weights[i].rowBlocks();
        }
        return first;
    }

    W weights(int matrix) {
        return weights[matrix];
    }

    MemorySegment output(int matrix) {
        return outputs[matrix];
    }
}
