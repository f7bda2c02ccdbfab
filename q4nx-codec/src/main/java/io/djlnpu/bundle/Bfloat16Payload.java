package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.numeric.Float16;
import io.djlnpu.q4nx.TiledMatrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Streams a matrix or a vector as bf16, a few rows at a time. */
final class Bfloat16Payload {

    private static final int VALUES_IN_FLIGHT = 1 << 20;

    private final String name;
    private final boolean throughHalf;
    private double squaredError;
    private double maxError;
    private long count;

    Bfloat16Payload(String name) {
        this(name, false);
    }

    /** With {@code throughHalf} values are rounded to binary16 first, where that can hold them. */
    Bfloat16Payload(String name, boolean throughHalf) {
        this.name = name;
        this.throughHalf = throughHalf;
    }

    BundleReport.Tensor writeMatrix(WeightMatrix matrix, float factor, BundlePart.Sink sink)
            throws IOException {
        int step = Math.clamp(VALUES_IN_FLIGHT / matrix.columns(), 1, matrix.rows());
        float[] values = new float[step * matrix.columns()];
        ByteBuffer bytes = buffer(values.length);
        for (int row = 0; row < matrix.rows(); row += step) {
            int rows = Math.min(step, matrix.rows() - row);
            matrix.readRows(row, rows, values);
            for (int i = 0; i < rows * matrix.columns(); i++) {
                bytes.putShort(narrow(values[i] * factor));
            }
            sink.write(bytes.flip());
            bytes.clear();
        }
        return report();
    }

    BundleReport.Tensor writeVector(float[] values, BundlePart.Sink sink) throws IOException {
        ByteBuffer bytes = buffer(values.length);
        for (float value : values) {
            bytes.putShort(narrow(value));
        }
        sink.write(bytes.flip());
        return report();
    }

    /** Writes strips of tiles, with zeros where the matrix does not fill them. */
    BundleReport.Tensor writeTiles(WeightMatrix matrix, BundlePart.Sink sink) throws IOException {
        int columns = matrix.columns();
        int paddedColumns = TiledMatrix.padded(columns);
        float[] values = new float[TiledMatrix.TILE_ROWS * columns];
        ByteBuffer bytes = buffer(TiledMatrix.TILE_ROWS * paddedColumns);
        for (int row = 0; row < TiledMatrix.padded(matrix.rows()); row += TiledMatrix.TILE_ROWS) {
            int rows = Math.clamp(matrix.rows() - row, 0, TiledMatrix.TILE_ROWS);
            if (rows > 0) {
                matrix.readRows(row, rows, values);
            }
            for (int tile = 0; tile < paddedColumns; tile += TiledMatrix.TILE_COLUMNS) {
                for (int i = 0; i < TiledMatrix.TILE_ROWS; i++) {
                    for (int c = tile; c < tile + TiledMatrix.TILE_COLUMNS; c++) {
                        boolean inside = i < rows && c < columns;
                        bytes.putShort(inside ? narrow(values[i * columns + c]) : 0);
                    }
                }
            }
            sink.write(bytes.flip());
            bytes.clear();
        }
        return report();
    }

    private static ByteBuffer buffer(int values) {
        return ByteBuffer.allocate(Math.multiplyExact(2, values)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private short narrow(float value) throws ModelFormatException {
        float half = throughHalf ? Float16.round(value) : value;
        short bits = Bfloat16.fromFloat(Float.isInfinite(half) ? value : half);
        float stored = Bfloat16.toFloat(bits);
        if (!Float.isFinite(stored)) {
            throw new ModelFormatException(
                    Code.NOT_FINITE,
                    "'%s': value %d is %s; the source is damaged or overflowed when it was exported"
                            .formatted(name, count, value));
        }
        double difference = Math.abs(stored - value);
        squaredError += difference * difference;
        maxError = Math.max(maxError, difference);
        count++;
        return bits;
    }

    private BundleReport.Tensor report() {
        double rmse = Math.sqrt(squaredError / Math.max(1, count));
        return new BundleReport.Tensor(name, "float32", false, rmse, rmse, maxError);
    }
}
