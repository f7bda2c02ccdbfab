package io.djlnpu.generate;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How surprised a model is by a text.
 *
 * <p>The text is cut into windows of {@code context} tokens, each {@code stride} after the one
 * before. Each window runs alone from position 0; a token is scored with the logits of the token
 * before it, in the first window that reaches it, so the first token of a window that overlaps none
 * is not scored.
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
     * @param ids the text, {@code <bos>} included
     * @param context tokens of a window, at least 2
     * @param stride tokens from one window's start to the next one's, 1 to {@code context}
     * @return the measurement
     * @throws IllegalArgumentException if the text has fewer than two tokens, or a number is out of
     *     its range
     */
    public static Perplexity measure(DecoderModel model, int[] ids, int context, int stride) {
        if (ids.length < 2) {
            throw new IllegalArgumentException(
                    "a text of " + ids.length + " tokens, expected two at least");
        }
        if (context < 2 || context > model.maxContext() || stride < 1 || stride > context) {
            throw new IllegalArgumentException(
                    "context "
                            + context
                            + ", stride "
                            + stride
                            + "; expected a context of 2 to "
                            + model.maxContext()
                            + " and a stride of 1 to the context");
        }
        List<Double> means = new ArrayList<>();
        double total = 0;
        long scored = 0;
        int reached = 0;
        for (int from = 0; from < ids.length && reached < ids.length; from += stride) {
            int to = Math.min(ids.length, from + context);
            int first = Math.max(reached - from, 1);
            if (first < to - from) {
                double sum = window(model, Arrays.copyOfRange(ids, from, to), first);
                means.add(sum / (to - from - first));
                total += sum;
                scored += to - from - first;
            }
            reached = to;
        }
        double mean = total / scored;
        return new Perplexity(Math.exp(mean), mean, scored, List.copyOf(means));
    }

    private static double window(DecoderModel model, int[] ids, int first) {
        double[] sum = {0};
        try (DecoderSession session = model.newSession()) {
            session.prefillAll(
                    ids,
                    (index, logits) -> {
                        int scored = index + 1;
                        if (scored >= first && scored < ids.length) {
                            sum[0] -= Sampler.logProb(logits, ids[scored]);
                        }
                    });
        }
        return sum[0];
    }
}
