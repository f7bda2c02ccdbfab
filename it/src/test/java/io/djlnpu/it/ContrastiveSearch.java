package io.djlnpu.it;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Contrastive search as its paper says it (Su et al., arXiv 2202.06417), one sequence, one
 * candidate after the other: the next token is the likely one whose hidden state is least like any
 * before.
 */
final class ContrastiveSearch {

    private static final int CANDIDATES = 4;
    private static final double ALPHA = 0.6;

    private ContrastiveSearch() {}

    static long[] run(DecoderModel model, long[] prompt, int length) {
        int[] tokens =
                Arrays.copyOf(Arrays.stream(prompt).mapToInt(id -> (int) id).toArray(), length);
        List<float[]> context = new ArrayList<>();
        try (DecoderSession session = model.newSession()) {
            float[][] logits = new float[1][];
            session.prefillAll(
                    Arrays.copyOf(tokens, prompt.length),
                    (position, row) -> {
                        context.add(unit(session.lastHidden()));
                        logits[0] = row.clone();
                    });
            for (int at = prompt.length; at < length; at++) {
                tokens[at] = choose(session, logits[0], context);
                logits[0] = session.decode(tokens[at]).clone();
                context.add(unit(session.lastHidden()));
            }
        }
        return Arrays.stream(tokens).asLongStream().toArray();
    }

    private static int choose(DecoderSession session, float[] logits, List<float[]> context) {
        double max = logits[Logits.argMax(logits)];
        double total =
                IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] - max)).sum();
        int[] likeliest =
                IntStream.range(0, logits.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -logits[i]))
                        .limit(CANDIDATES)
                        .mapToInt(i -> i)
                        .toArray();
        int best = -1;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (int candidate : likeliest) {
            double likeness;
            try (DecoderSession tried = session.fork()) {
                tried.decode(candidate);
                float[] hidden = unit(tried.lastHidden());
                likeness = context.stream().mapToDouble(seen -> dot(seen, hidden)).max().orElse(0);
            }
            double probability = Math.exp(logits[candidate] - max) / total;
            double score = (1 - ALPHA) * probability - ALPHA * likeness;
            if (score > bestScore) {
                bestScore = score;
                best = candidate;
            }
        }
        return best;
    }

    private static float[] unit(float[] vector) {
        double length = Math.sqrt(dot(vector, vector));
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return unit;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
