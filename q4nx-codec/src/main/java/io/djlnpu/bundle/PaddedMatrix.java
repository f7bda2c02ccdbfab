package io.djlnpu.bundle;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** A matrix with rows of zeros behind its own. */
record PaddedMatrix(WeightMatrix matrix, int rows) implements WeightMatrix {

    private static final int GROUP = 32;

    @Override
    public int columns() {
        return matrix.columns();
    }

    @Override
    public void readRows(int firstRow, int rowCount, float[] destination) throws IOException {
        int own = own(firstRow, rowCount);
        if (own > 0) {
            matrix.readRows(firstRow, own, destination);
        }
        Arrays.fill(destination, own * columns(), rowCount * columns(), 0);
    }

    @Override
    public Optional<Affine> affine() {
        return matrix.affine().map(this::padded);
    }

    private Affine padded(Affine affine) {
        int groups = Math.ceilDiv(columns(), GROUP);
        return (firstRow, rowCount, codes, scales, mins) -> {
            int own = own(firstRow, rowCount);
            if (own > 0) {
                affine.readRows(firstRow, own, codes, scales, mins);
            }
            Arrays.fill(codes, own * columns(), rowCount * columns(), (byte) 0);
            Arrays.fill(scales, own * groups, rowCount * groups, 0);
            Arrays.fill(mins, own * groups, rowCount * groups, 0);
        };
    }

    private int own(int firstRow, int rowCount) {
        return Math.clamp(matrix.rows() - firstRow, 0, rowCount);
    }
}
