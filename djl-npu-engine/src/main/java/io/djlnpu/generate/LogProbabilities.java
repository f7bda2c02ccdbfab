package io.djlnpu.generate;

import io.djlnpu.generate.Token.Likelihood;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the model itself thought of the tokens at one place, as far as a request wants to know. */
final class LogProbabilities {

    private static final LogProbabilities NONE = new LogProbabilities(null, null, 0, List.of());

    private final Tokenizer tokenizer;
    private final float[] logits;
    private final double normalizer;
    private final List<Likelihood> likeliest;

    private LogProbabilities(
            Tokenizer tokenizer, float[] logits, double normalizer, List<Likelihood> likeliest) {
        this.tokenizer = tokenizer;
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
        LogProbabilities all =
                new LogProbabilities(generator.tokenizer(), logits, normalizer, likeliest);
        if (config.topLogProbs() > 0) {
            Candidates candidates = new Candidates(logits.length);
            candidates.fill(logits, 1);
            candidates.sortBest(config.topLogProbs());
            candidates.keepFirst(config.topLogProbs());
            for (int i = 0; i < candidates.size(); i++) {
                likeliest.add(all.likelihood(candidates.id(i)));
            }
        }
        return all;
    }

    private Likelihood likelihood(int id) {
        String text = tokenizer.decode(new int[] {id}, false);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') >= 0) {
            byte[] part = tokenizer.tree().bytes(id);
            bytes = part == null ? bytes : part;
        }
        List<Integer> values = new ArrayList<>();
        for (byte value : bytes) {
            values.add(value & 0xFF);
        }
        return new Likelihood(id, text, values, logits[id] - normalizer);
    }

    double of(int id) {
        return logits == null ? Double.NaN : logits[id] - normalizer;
    }

    /** A token by itself; empty if nobody asked. */
    Optional<Likelihood> own(int id) {
        return logits == null ? Optional.empty() : Optional.of(likelihood(id));
    }

    List<Likelihood> likeliest() {
        return likeliest;
    }
}
