package io.djlnpu.generate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Narrows the candidates; at least one stays. */
@FunctionalInterface
interface CandidateFilter {

    void apply(Candidates candidates);

    default CandidateFilter then(CandidateFilter next) {
        return candidates -> {
            apply(candidates);
            next.apply(candidates);
        };
    }

    static CandidateFilter all() {
        return candidates -> {};
    }

    static CandidateFilter of(GenerationConfig config) {
        CandidateFilter filter = all();
        if (config.topK() > 0) {
            filter = filter.then(topK(config.topK()));
        }
        if (config.topP() < 1) {
            filter = filter.then(topP(config.topP()));
        }
        if (config.minP() > 0) {
            filter = filter.then(minP(config.minP()));
        }
        if (config.typicalP() < 1) {
            filter = filter.then(typicalP(config.typicalP()));
        }
        return filter;
    }

    static CandidateFilter topK(int k) {
        return candidates -> {
            candidates.sortBest(k);
            candidates.keepFirst(k);
        };
    }

    /** Keeps the shortest beginning, in order of probability, that reaches the share p. */
    static CandidateFilter topP(double p) {
        return candidates -> {
            float best = candidates.best();
            double wanted = p * candidates.mass(best);
            // Sorting a vocabulary is slow and the nucleus is small: sort only as far as needed.
            int sorted = 0;
            int kept = 0;
            double sum = 0;
            while (sum < wanted && kept < candidates.size()) {
                if (kept == sorted) {
                    sorted = Math.min(candidates.size(), Math.max(256, 8 * sorted));
                    candidates.sortBest(sorted);
                }
                sum += Math.exp(candidates.score(kept++) - best);
            }
            candidates.keepFirst(Math.max(1, kept));
        };
    }

    static CandidateFilter minP(double p) {
        return candidates -> candidates.keepAtLeast((float) (candidates.best() + Math.log(p)));
    }

    /** Locally typical sampling (Meister et al., 2022). */
    static CandidateFilter typicalP(double p) {
        return candidates -> {
            float best = candidates.best();
            double mass = candidates.mass(best);
            int size = candidates.size();
            double[] surprise = new double[size];
            double entropy = 0;
            for (int i = 0; i < size; i++) {
                surprise[i] = Math.log(mass) - (candidates.score(i) - best);
                entropy += Math.exp(-surprise[i]) * surprise[i];
            }
            double expected = entropy;
            int[] order =
                    IntStream.range(0, size)
                            .boxed()
                            .sorted(
                                    Comparator.<Integer>comparingDouble(
                                                    i -> Math.abs(surprise[i] - expected))
                                            .thenComparingInt(candidates::id))
                            .mapToInt(Integer::intValue)
                            .toArray();
            int kept = 0;
            double sum = 0;
            while (sum < p && kept < size) {
                sum += Math.exp(-surprise[order[kept++]]);
            }
            candidates.keep(Arrays.copyOf(order, kept));
        };
    }
}
