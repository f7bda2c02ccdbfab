package io.djlnpu.generate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.Importance;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.kernel.ProjectionWeights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures on a text what every projection multiplies: for each column the mean square of its
 * activation. Where a matrix is coarse, errors in columns that carry much cost more than others.
 *
 * <p>The text is cut into windows of {@code context} tokens, each run alone from position 0.
 *
 * <p><b>Numerics</b>: squares of the model's float32 activations summed in float64.
 */
public final class Calibration {

    private final Map<String, double[]> sums = new LinkedHashMap<>();

    private Calibration() {}

    /** Hears how far the text is read. */
    @FunctionalInterface
    public interface Progress {

        /**
         * Called after each window.
         *
         * @param done tokens read so far
         */
        void update(int done);
    }

    /**
     * Measures a text.
     *
     * @param model the model
     * @param ids the text, {@code <bos>} included
     * @param context tokens of a window, at least 1
     * @param progress told after each window
     * @return the mean squares of every Q4NX matrix
     * @throws IllegalArgumentException if the text is empty or the context is out of its range
     */
    public static Importance measure(
            DecoderModel model, int[] ids, int context, Progress progress) {
        if (ids.length == 0 || context < 1 || context > model.maxContext()) {
            throw new IllegalArgumentException(
                    "%d tokens in windows of %d; expected a text and windows of 1 to %d"
                            .formatted(ids.length, context, model.maxContext()));
        }
        Calibration calibration = new Calibration();
        for (int from = 0; from < ids.length; from += context) {
            int to = Math.min(ids.length, from + context);
            try (DecoderSession session = model.newSession()) {
                session.prefillObserved(Arrays.copyOfRange(ids, from, to), calibration::add);
            }
            progress.update(to);
        }
        return calibration.mean(ids.length);
    }

    private void add(ProjectionWeights[] matrices, MemorySegment activations, int tokens) {
        int columns = matrices[0].columns();
        double[] sum = sums.computeIfAbsent(matrices[0].name(), name -> new double[columns]);
        for (ProjectionWeights sibling : matrices) {
            sums.putIfAbsent(sibling.name(), sum);
        }
        for (int t = 0; t < tokens; t++) {
            for (int column = 0; column < columns; column++) {
                double x = activations.getAtIndex(JAVA_FLOAT, (long) t * columns + column);
                sum[column] += x * x;
            }
        }
    }

    private Importance mean(int tokens) {
        Importance importance = new Importance();
        sums.forEach(
                (matrix, sum) -> {
                    float[] mean = new float[sum.length];
                    for (int i = 0; i < mean.length; i++) {
                        mean[i] = (float) (sum[i] / tokens);
                    }
                    importance.put(matrix, mean);
                });
        return importance;
    }
}
