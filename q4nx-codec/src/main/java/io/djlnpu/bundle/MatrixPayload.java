package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxEncoder;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Streams one matrix as Q4NX: reads strips of 32 rows in order, encodes a few of them at a time in
 * parallel, and hands the blocks on in order. Holds a few strips at most, whatever the size of the
 * matrix.
 */
final class MatrixPayload {

    private final String name;
    private final WeightMatrix matrix;
    private final Encoding encoding;
    private final float[] importance;
    private final ExecutorService workers;
    private final List<Strip> strips = new ArrayList<>();
    private double squaredError;
    private double weightedError;
    private double maxError;

    /** Prepares a matrix; importance is one number a column, or null if all count the same. */
    MatrixPayload(
            String name,
            WeightMatrix matrix,
            Encoding encoding,
            float[] importance,
            ExecutorService workers,
            int stripsInFlight) {
        this.name = name;
        this.matrix = matrix;
        this.encoding = encoding;
        this.importance = importance;
        this.workers = workers;
        for (int i = 0; i < Math.min(stripsInFlight, matrix.rows() / Q4nxFormat.BLOCK_ROWS); i++) {
            strips.add(new Strip());
        }
    }

    BundleReport.Tensor write(BundlePart.Sink sink) throws IOException {
        int stripCount = matrix.rows() / Q4nxFormat.BLOCK_ROWS;
        for (int first = 0; first < stripCount; first += strips.size()) {
            List<Future<Strip>> pending = new ArrayList<>();
            for (int i = 0; i < Math.min(strips.size(), stripCount - first); i++) {
                Strip strip = strips.get(i);
                strip.read((first + i) * Q4nxFormat.BLOCK_ROWS);
                pending.add(workers.submit(strip));
            }
            for (Future<Strip> future : pending) {
                Strip strip = await(future);
                squaredError += strip.squaredError;
                weightedError += strip.weightedError;
                maxError = Math.max(maxError, strip.maxError);
                sink.write(ByteBuffer.wrap(strip.blocks));
            }
        }
        double rmse = Math.sqrt(squaredError / ((double) matrix.rows() * matrix.columns()));
        boolean carried = matrix.affine().isPresent();
        return new BundleReport.Tensor(
                name, carried ? "int4" : "float32", carried, rmse, weightedRmse(rmse), maxError);
    }

    private double weightedRmse(double rmse) {
        double total = 0;
        for (int i = 0; importance != null && i < importance.length; i++) {
            total += importance[i];
        }
        return total == 0 ? rmse : Math.sqrt(weightedError / (matrix.rows() * total));
    }

    private static Strip await(Future<Strip> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the conversion was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException("encoding failed", e.getCause());
        }
    }

    /** 32 rows on their way through one encoder. */
    private final class Strip implements Callable<Strip> {

        private final int columns = matrix.columns();
        private final int groups = Math.ceilDiv(columns, Q4nxFormat.GROUP_COLUMNS);
        private final WeightMatrix.Affine affine = matrix.affine().orElse(null);
        private final float[] weights = new float[Q4nxFormat.BLOCK_ROWS * columns];
        private final float[] decoded = new float[weights.length];
        private final byte[] codes = new byte[affine == null ? 0 : weights.length];
        private final float[] scales =
                new float[affine == null ? 0 : Q4nxFormat.BLOCK_ROWS * groups];
        private final float[] mins = new float[scales.length];
        private final byte[] blocks =
                new byte[(int) Q4nxFormat.byteLength(Q4nxFormat.BLOCK_ROWS, columns)];
        private final Q4nxEncoder encoder = new Q4nxEncoder(encoding);
        private int firstRow;
        private double squaredError;
        private double weightedError;
        private double maxError;

        void read(int row) throws IOException {
            firstRow = row;
            if (affine == null) {
                matrix.readRows(row, Q4nxFormat.BLOCK_ROWS, weights);
            } else {
                affine.readRows(row, Q4nxFormat.BLOCK_ROWS, codes, scales, mins);
                for (int i = 0; i < weights.length; i++) {
                    int pair = i / columns * groups + i % columns / Q4nxFormat.GROUP_COLUMNS;
                    weights[i] = scales[pair] * codes[i] + mins[pair];
                }
            }
        }

        @Override
        public Strip call() throws ModelFormatException {
            checkFinite(weights);
            if (affine == null) {
                encoder.encode(weights, columns, importance, blocks);
            } else {
                checkCodes();
                encoder.carryOver(codes, scales, mins, columns, blocks);
            }
            Q4nxTensor tensor =
                    new Q4nxTensor(
                            name, Q4nxFormat.BLOCK_ROWS, columns, MemorySegment.ofArray(blocks));
            Q4nxDecoder.decodeRows(tensor, 0, Q4nxFormat.BLOCK_ROWS, decoded);
            checkFinite(decoded);
            measure();
            return this;
        }

        private void measure() {
            squaredError = 0;
            weightedError = 0;
            maxError = 0;
            for (int i = 0; i < weights.length; i++) {
                double difference = Math.abs(decoded[i] - weights[i]);
                squaredError += difference * difference;
                maxError = Math.max(maxError, difference);
            }
            for (int i = 0; importance != null && i < weights.length; i++) {
                double difference = decoded[i] - weights[i];
                weightedError += importance[i % columns] * difference * difference;
            }
        }

        private void checkCodes() throws ModelFormatException {
            for (byte code : codes) {
                if (code < 0 || code > Q4nxFormat.MAX_CODE) {
                    throw new ModelFormatException(
                            Code.MALFORMED,
                            "'%s': code %d in rows from %d, expected 0 to %d"
                                    .formatted(name, code, firstRow, Q4nxFormat.MAX_CODE));
                }
            }
        }

        private void checkFinite(float[] values) throws ModelFormatException {
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    throw new ModelFormatException(
                            Code.NOT_FINITE,
                            "'"
                                    + name
                                    + "': "
                                    + values[i]
                                    + " in row "
                                    + (firstRow + i / columns)
                                    + ", column "
                                    + i % columns
                                    + "; the source is damaged or overflowed when it was exported");
                }
            }
        }
    }
}
