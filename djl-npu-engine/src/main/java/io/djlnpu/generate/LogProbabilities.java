package io.djlnpu.generate;

import io.djlnpu.generate.Token.Likelihood;
import java.util.ArrayList;
import java.util.List;

/** What the model itself thought of the tokens at one place, as far as a request wants to know. */
final class LogProbabilities {

    private static final LogProbabilities NONE = new LogProbabilities(null, Double.NaN, List.of());

    private final float[] logits;
    private final double normalizer;
    private final List<Likelihood> likeliest;

    private LogProbabilities(float[] logits, double normalizer, List<Likelihood> likeliest) {
        this.logits = logits;
        this.normalizer = normalizer;
        this.likeliest = likeliest;
    }

    static boolean isAsked(GenerationConfig config) {
        return config.logProbs() || config.topLogProbs() > 0;
    }

    static LogProbabilities of(GenerationConfig config, TextGenerator generator, float[] logits) {
        if (!isAsked(config)) {
            return NONE;
        }
        double normalizer = Sampler.logNormalizer(logits);
        List<Likelihood> likeliest = new ArrayList<>();
        if (config.topLogProbs() > 0) {
            Candidates candidates = new Candidates(logits.length);
            candidates.fill(logits, 1);
            candidates.sortBest(config.topLogProbs());
            candidates.keepFirst(config.topLogProbs());
            for (int i = 0; i < candidates.size(); i++) {
                int id = candidates.id(i);
                String text = generator.tokenizer().decode(new int[] {id}, false);
                likeliest.add(new Likelihood(id, text, logits[id] - normalizer));
            }
        }
        return new LogProbabilities(logits, normalizer, likeliest);
    }

    double of(int id) {
        return logits == null ? Double.NaN : logits[id] - normalizer;
    }

    List<Likelihood> likeliest() {
        return likeliest;
    }
}
