package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {

    private static float[] logits(int vocab) {
        Random random = new Random(vocab);
        float[] logits = new float[vocab];
        for (int i = 0; i < vocab; i++) {
            // A coarse grid makes ties, and both signs occur.
            logits[i] = Math.round(random.nextGaussian() * 8) / 4f;
        }
        return logits;
    }

    private static double[] probabilities(float[] logits) {
        double sum = 0;
        double[] result = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            result[i] = Math.exp(logits[i]);
            sum += result[i];
        }
        for (int i = 0; i < logits.length; i++) {
            result[i] /= sum;
        }
        return result;
    }

    private static List<Integer> order(float[] logits) {
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(id -> -logits[id]))
                .toList();
    }

    private static Set<Integer> kept(float[] logits, CandidateFilter filter) {
        Candidates candidates = new Candidates(logits.length);
        candidates.fill(logits, 1);
        filter.apply(candidates);
        Set<Integer> ids = new TreeSet<>();
        for (int i = 0; i < candidates.size(); i++) {
            assertThat(candidates.score(i)).isEqualTo(logits[candidates.id(i)]);
            ids.add(candidates.id(i));
        }
        assertThat(ids).hasSize(candidates.size());
        return ids;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 300, 5000})
    void filtersKeepWhatTheirDefinitionsSay(int vocab) {
        float[] logits = logits(vocab);
        double[] probability = probabilities(logits);
        List<Integer> order = order(logits);
        for (int k : new int[] {1, 2, 64, 299, vocab, vocab + 1}) {
            assertThat(kept(logits, CandidateFilter.topK(k)))
                    .isEqualTo(new TreeSet<>(order.subList(0, Math.min(k, vocab))));
        }
        for (double p : new double[] {1e-9, 0.3, 0.55, 0.95, 0.9999}) {
            int nucleus = 0;
            for (double sum = 0; sum < p; nucleus++) {
                sum += probability[order.get(nucleus)];
            }
            assertThat(kept(logits, CandidateFilter.topP(p)))
                    .isEqualTo(new TreeSet<>(order.subList(0, nucleus)));
            double least = p * probability[order.getFirst()];
            assertThat(kept(logits, CandidateFilter.minP(p)))
                    .allMatch(id -> probability[id] >= least * (1 - 1e-5))
                    .hasSize(
                            (int)
                                    IntStream.range(0, vocab)
                                            .filter(id -> probability[id] >= least)
                                            .count());
            assertThat(kept(logits, CandidateFilter.typicalP(p)))
                    .isEqualTo(typical(probability, p));
        }
    }

    private static Set<Integer> typical(double[] probability, double p) {
        double entropy = 0;
        for (double q : probability) {
            entropy -= q * Math.log(q);
        }
        double expected = entropy;
        Set<Integer> ids = new TreeSet<>();
        double sum = 0;
        for (int id :
                IntStream.range(0, probability.length)
                        .boxed()
                        .sorted(
                                Comparator.comparingDouble(
                                        i ->
                                                // Rounded, so that equal logits stay ties.
                                                Math.rint(
                                                        1e9
                                                                * Math.abs(
                                                                        -Math.log(probability[i])
                                                                                - expected))))
                        .toList()) {
            if (sum >= p) {
                break;
            }
            ids.add(id);
            sum += probability[id];
        }
        return ids;
    }

    @Test
    void drawsAsOftenAsProbabilitiesSay() {
        float[] logits = {0, 1, -1, 2, Float.NEGATIVE_INFINITY, 0.5f};
        double temperature = 0.8;
        float[] divided = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            divided[i] = (float) (logits[i] / temperature);
        }
        double[] expected = probabilities(divided);
        GenerationConfig config =
                GenerationConfig.builder().temperature(temperature).seed(1).build();
        Sampler sampler = Sampler.of(config, new int[0], logits.length, 0, Optional.empty());
        int draws = 200_000;
        int[] counts = new int[logits.length];
        for (int i = 0; i < draws; i++) {
            counts[sampler.next(logits)]++;
        }
        for (int id = 0; id < logits.length; id++) {
            assertThat((double) counts[id] / draws).isCloseTo(expected[id], Offset.offset(0.006));
        }
    }

    @Test
    void penaltiesAndBiasesChangeTheChoiceAndLeaveTheLogits() {
        float[] logits = {1, 2, 1.9f, -1, 1.5f};
        float[] before = logits.clone();
        assertThat(greedy(logits, GenerationConfig.builder(), 4)).containsExactly(1, 1, 1, 1);
        assertThat(greedy(logits, GenerationConfig.builder().repetitionPenalty(1.2), 4))
                .as("the prompt holds token 4: 1.5 becomes 1.25, then 2 and 1.9 are divided too")
                .containsExactly(1, 2, 1, 1);
        assertThat(greedy(logits, GenerationConfig.builder().frequencyPenalty(0.3), 4))
                .containsExactly(1, 2, 1, 2);
        assertThat(greedy(logits, GenerationConfig.builder().presencePenalty(0.7), 4))
                .containsExactly(1, 2, 4, 1);
        assertThat(
                        greedy(
                                logits,
                                GenerationConfig.builder()
                                        .logitBias(Map.of(3, 9f, 1, Float.NEGATIVE_INFINITY)),
                                2))
                .containsExactly(3, 3);
        assertThat(logits).isEqualTo(before);
    }

    private static int[] greedy(float[] logits, GenerationConfig.Builder builder, int count) {
        Sampler sampler =
                Sampler.of(builder.build(), new int[] {4}, logits.length, 0, Optional.empty());
        return IntStream.range(0, count).map(i -> sampler.next(logits)).toArray();
    }

    /** 1 / 1e-40 is no float; a nucleus of no token is no choice. */
    @Test
    void aTemperatureOfNearlyNothingIsGreedy() {
        float[] logits = {1, 2, 30, -1};
        for (double temperature : new double[] {1e-300, 1e-40, 1e-6, 1e-5}) {
            GenerationConfig.Builder cold =
                    GenerationConfig.builder().temperature(temperature).topP(0.9).seed(1);
            assertThat(greedy(logits, cold, 4)).containsExactly(2, 2, 2, 2);
        }
        assertThat(Sampler.isGreedy(GenerationConfig.builder().temperature(1e-300).build()))
                .isTrue();
        assertThat(kept(new float[] {Float.NaN, 1}, CandidateFilter.topP(0.5))).hasSize(1);
    }

    @Test
    void refusesNumbersOutOfTheirRange() {
        GenerationConfig config = GenerationConfig.builder().logitBias(Map.of(5, 1f)).build();
        assertThatThrownBy(() -> Sampler.of(config, new int[0], 5, 0, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token 5");
        for (GenerationConfig.Builder wrong :
                List.of(
                        GenerationConfig.builder().temperature(-1),
                        GenerationConfig.builder().temperature(Double.NaN),
                        GenerationConfig.builder().topP(0),
                        GenerationConfig.builder().minP(1.5),
                        GenerationConfig.builder().typicalP(Double.NaN),
                        GenerationConfig.builder().topK(-1),
                        GenerationConfig.builder().repetitionPenalty(0),
                        GenerationConfig.builder().n(0),
                        GenerationConfig.builder().stop(List.of("")))) {
            assertThatThrownBy(wrong::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected");
        }
    }

    @Test
    void takesTheModelsDefaultsWhenAsked(@TempDir Path folder) throws IOException {
        assertThat(GenerationConfig.builder().defaultsOf(folder).build())
                .isEqualTo(GenerationConfig.builder().build());
        Files.writeString(
                folder.resolve("generation_config.json"),
                "{\"do_sample\": true, \"top_k\": 64, \"top_p\": 0.95}");
        assertThat(GenerationConfig.builder().defaultsOf(folder).build())
                .isEqualTo(GenerationConfig.builder().temperature(1).topK(64).topP(0.95).build());
    }
}
