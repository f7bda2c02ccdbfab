package io.djlnpu.bundle;

import io.djlnpu.numeric.Bfloat16;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Streams a matrix or a vector as bf16, optionally multiplied by a factor first. */
final class Bfloat16Payload {

    private static final int VALUES_IN_FLIGHT = 1 << 20;

    private final String name;
    private double squaredError;
    private double maxError;
    private long count;

    Bfloat16Payload(String name) {
        this.name = name;
    }

    BundleReport.Tensor writeMatrix(WeightMatrix matrix, float factor, MatrixPayload.Sink sink)
            throws IOException {
        int step = Math.clamp(VALUES_IN_FLIGHT / matrix.columns(), 1, matrix.rows());
        float[] values = new float[step * matrix.columns()];
        for (int row = 0; row < matrix.rows(); row += step) {
            int rows = Math.min(step, matrix.rows() - row);
            matrix.readRows(row, rows, values);
            sink.write(narrow(values, rows * matrix.columns(), factor));
        }
        return report();
    }

    BundleReport.Tensor writeVector(float[] values, MatrixPayload.Sink sink) throws IOException {
        sink.write(narrow(values, values.length, 1));
        return report();
    }

    private ByteBuffer narrow(float[] values, int length, float factor) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i++) {
            float value = values[i] * factor;
            short bits = Bfloat16.fromFloat(value);
            bytes.putShort(bits);
            double difference = Math.abs(Bfloat16.toFloat(bits) - value);
            squaredError += difference * difference;
            maxError = Math.max(maxError, difference);
        }
        count += length;
        return bytes.flip();
    }

    private BundleReport.Tensor report() {
        return new BundleReport.Tensor(
                name, "float32", false, Math.sqrt(squaredError / Math.max(1, count)), maxError);
    }
}
