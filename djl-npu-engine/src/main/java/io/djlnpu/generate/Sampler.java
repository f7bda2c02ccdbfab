package io.djlnpu.generate;

import io.djlnpu.generate.grammar.GrammarConstraint;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Chooses the next token from logits: adjustments, then filters, then the draw, each a function of
 * its own. A sampler belongs to one answer and remembers its tokens.
 */
@FunctionalInterface
public interface Sampler {

    /**
     * Chooses a token.
     *
     * @param logits {@code [vocab]}, left as they are
     * @return the token
     */
    int next(float[] logits);

    /**
     * Composes the sampler that a configuration asks for.
     *
     * @param config temperature, filters, penalties, biases, seed
     * @param promptIds the prompt, for the repetition penalty
     * @param vocab number of tokens
     * @param answer which of several answers to the same prompt, from 0; each draws its own numbers
     * @param constraint what the answer keeps to; has the last word before the draw
     * @return a sampler for one answer
     * @throws IllegalArgumentException if a bias names a token outside the vocabulary
     */
    static Sampler of(
            GenerationConfig config,
            int[] promptIds,
            int vocab,
            int answer,
            Optional<GrammarConstraint> constraint) {
        for (int id : config.logitBias().keySet()) {
            if (id < 0 || id >= vocab) {
                throw new IllegalArgumentException(
                        "logitBias for token " + id + ", expected 0 to " + (vocab - 1));
            }
        }
        Sampler free =
                isCold(config)
                        ? Sampler::argMax
                        : draw(
                                config.temperature(),
                                CandidateFilter.of(config),
                                random(config, answer),
                                vocab);
        Sampler choice = constraint.map(form -> constrained(form, free, vocab)).orElse(free);
        return isPlain(config)
                ? choice
                : adjusted(LogitAdjustment.of(config), choice, promptIds, vocab);
    }

    /**
     * Tells whether the next token is always that of the greatest logit.
     *
     * @param config temperature, penalties, biases
     * @return true if so, but for a grammar
     */
    static boolean isGreedy(GenerationConfig config) {
        return isCold(config) && isPlain(config);
    }

    /** Below, logits divided by the temperature no longer fit into a float. */
    private static boolean isCold(GenerationConfig config) {
        return config.temperature() < 1e-5;
    }

    private static boolean isPlain(GenerationConfig config) {
        return config.repetitionPenalty() == 1
                && config.frequencyPenalty() == 0
                && config.presencePenalty() == 0
                && config.logitBias().isEmpty();
    }

    private static RandomGenerator random(GenerationConfig config, int answer) {
        SplittableRandom random =
                config.seed().isPresent()
                        ? new SplittableRandom(config.seed().getAsLong())
                        : new SplittableRandom();
        for (int i = 0; i < answer; i++) {
            random = random.split();
        }
        return random;
    }

    private static Sampler adjusted(
            LogitAdjustment adjustment, Sampler choice, int[] promptIds, int vocab) {
        TokenHistory history = new TokenHistory(promptIds, vocab);
        float[] scratch = new float[vocab];
        return logits -> {
            System.arraycopy(logits, 0, scratch, 0, vocab);
            adjustment.apply(scratch, history);
            int id = choice.next(scratch);
            history.add(id);
            return id;
        };
    }

    private static Sampler constrained(GrammarConstraint form, Sampler choice, int vocab) {
        float[] scratch = new float[vocab];
        return logits -> {
            System.arraycopy(logits, 0, scratch, 0, vocab);
            form.apply(scratch);
            int id = choice.next(scratch);
            form.accept(id);
            return id;
        };
    }

    private static Sampler draw(
            double temperature, CandidateFilter filter, RandomGenerator random, int vocab) {
        Candidates candidates = new Candidates(vocab);
        return logits -> {
            candidates.fill(logits, temperature);
            filter.apply(candidates);
            float best = candidates.best();
            double left = random.nextDouble() * candidates.mass(best);
            int index = 0;
            while (index < candidates.size() - 1) {
                left -= Math.exp(candidates.score(index) - best);
                if (left < 0) {
                    break;
                }
                index++;
            }
            return candidates.id(index);
        };
    }

    /**
     * Returns the greatest logit's token.
     *
     * @param logits {@code [vocab]}
     * @return the token; the lowest id among equals
     */
    static int argMax(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }

    /**
     * Returns the logarithm of a token's probability.
     *
     * @param logits {@code [vocab]}
     * @param id the token
     * @return log-softmax of the token, computed in double precision
     */
    static double logProb(float[] logits, int id) {
        return logits[id] - logNormalizer(logits);
    }

    /**
     * Returns what is subtracted from each logit to make it a log-probability.
     *
     * @param logits {@code [vocab]}
     * @return log of the sum of exponentials, computed in double precision
     */
    static double logNormalizer(float[] logits) {
        double best = logits[argMax(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - best);
        }
        return best + Math.log(sum);
    }
}
