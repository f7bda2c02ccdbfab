package io.djlnpu.generate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.Importance;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.kernel.ProjectionWeights;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures on a text what every projection multiplies: for each column the mean square of its
 * activation. Where a matrix is coarse, errors in columns that carry much cost more than others.
 *
 * <p>The text is cut into {@link TextWindow}s that do not overlap.
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
     * @param windows the text
     * @param progress told after each window, in tokens
     * @return the mean squares of every Q4NX matrix
     * @throws IllegalArgumentException if there is no text, or a window is longer than the model
     *     holds
     */
    public static Importance measure(
            DecoderModel model, List<TextWindow> windows, Progress progress) {
        if (windows.isEmpty()) {
            throw new IllegalArgumentException("no text to measure on");
        }
        Calibration calibration = new Calibration();
        int tokens = 0;
        for (TextWindow window : windows) {
            try (DecoderSession session = model.newSession()) {
                session.prefillObserved(window.ids(), calibration::add);
            }
            tokens += window.ids().length;
            progress.update(tokens);
        }
        return calibration.mean(tokens);
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
