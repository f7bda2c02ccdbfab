package io.djlnpu.generate;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import java.util.ArrayList;
import java.util.List;

/**
 * How surprised a model is by a text, cut into {@link TextWindow}s.
 *
 * <p><b>Numerics</b>: log-softmax in float64 of the model's float32 logits.
 *
 * @param perplexity {@code exp(meanNll)}
 * @param meanNll mean negative log-likelihood over all scored tokens, in nats
 * @param tokens scored tokens
 * @param windowMeanNll the same for each window
 */
public record Perplexity(
        double perplexity, double meanNll, long tokens, List<Double> windowMeanNll) {

    /**
     * Measures a text.
     *
     * @param model the model
     * @param windows the text
     * @param progress told after each window, in scored tokens
     * @return the measurement
     * @throws IllegalArgumentException if a window is longer than the model holds
     */
    public static Perplexity measure(
            DecoderModel model, List<TextWindow> windows, Calibration.Progress progress) {
        List<Double> means = new ArrayList<>();
        double total = 0;
        int scored = 0;
        for (TextWindow window : windows) {
            double sum = sum(model, window);
            means.add(sum / window.scored());
            total += sum;
            scored += window.scored();
            progress.update(scored);
        }
        double mean = total / scored;
        return new Perplexity(Math.exp(mean), mean, scored, List.copyOf(means));
    }

    private static double sum(DecoderModel model, TextWindow window) {
        double[] sum = {0};
        int[] ids = window.ids();
        try (DecoderSession session = model.newSession()) {
            session.prefillAll(
                    ids,
                    (index, logits) -> {
                        int next = index + 1;
                        if (next >= window.firstScored() && next < ids.length) {
                            sum[0] -= Sampler.logProb(logits, ids[next]);
                        }
                    });
        }
        return sum[0];
    }
}
