package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.decoder.DecoderSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationTest {

    private static final int[] PROMPT = {2, 270, 271, 300, 301, 6, 263, 299, 280, 281, 282};

    @TempDir private static Path folder;

    private static TinyModel tiny;
    private static TextGenerator generator;

    @BeforeAll
    static void open() throws IOException {
        tiny = new TinyModel(folder, 2);
        generator = new TextGenerator(tiny.model, tiny.tokenizer);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private static List<Token> tokens(Generation answer) {
        List<Token> tokens = new ArrayList<>();
        answer.forEachRemaining(tokens::add);
        return tokens;
    }

    /** The obvious loop. */
    private static int[] reference(int[] prompt, int count) {
        int[] ids = new int[count];
        try (DecoderSession session = tiny.model.newSession()) {
            float[] logits = session.prefill(prompt);
            for (int i = 0; i < count; i++) {
                ids[i] = Sampler.argMax(logits);
                logits = session.decode(ids[i]);
            }
        }
        return ids;
    }

    private static GenerationConfig.Builder sampled() {
        return GenerationConfig.builder().temperature(1).seed(7).ignoreEos(true).maxNewTokens(40);
    }

    @Test
    void greedySearchIsTheObviousLoop() {
        GenerationConfig config =
                GenerationConfig.builder().maxNewTokens(40).ignoreEos(true).build();
        try (Generation answer = generator.start(PROMPT, config)) {
            List<Token> tokens = tokens(answer);
            assertThat(answer.ids()).isEqualTo(reference(PROMPT, 40));
            assertThat(tokens).hasSize(40).allMatch(token -> Double.isNaN(token.logProb()));
            assertThat(answer.finishReason()).hasToString("length");
            assertThat(answer.prefillSeconds()).isPositive();
            assertThat(answer.timeToFirstTokenSeconds()).isPositive();
            assertThatThrownBy(answer::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void textsOfTheTokensMakeTheAnswer() {
        try (Generation answer = generator.start(PROMPT, sampled().maxNewTokens(200).build())) {
            StringBuilder joined = new StringBuilder();
            answer.forEachRemaining(token -> joined.append(token.text()));
            assertThat(joined).hasToString(answer.text());
            // Only where bytes are no UTF-8 does the stream part from decoding it all at once.
            assertThat(answer.text().replace("\uFFFD", ""))
                    .contains(tiny.tokenizer.decode(answer.ids(), true).split("\uFFFD+"));
        }
    }

    @Test
    void endsAtTheTokenThatEndsAnAnswer() {
        GenerationConfig likely =
                sampled().ignoreEos(false).logitBias(java.util.Map.of(5, 3f)).build();
        try (Generation answer = generator.start(PROMPT, likely)) {
            List<Token> tokens = tokens(answer);
            assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(tokens.getLast().id()).isIn(tiny.tokenizer.eos());
            assertThat(tokens.subList(0, tokens.size() - 1))
                    .noneMatch(token -> tiny.tokenizer.eos().contains(token.id()));
        }
    }

    @Test
    void stopSequencesAcrossTokensAreHonouredAndNeverShown() {
        String whole;
        try (Generation answer = generator.start(PROMPT, sampled().build())) {
            answer.forEachRemaining(token -> {});
            whole = answer.text();
        }
        for (int from = 3; from + 6 < whole.length(); from += 4) {
            String stop = whole.substring(from, from + 6);
            GenerationConfig config = sampled().stop(List.of("never this", stop)).build();
            try (Generation answer = generator.start(PROMPT, config)) {
                StringBuilder shown = new StringBuilder();
                answer.forEachRemaining(token -> shown.append(token.text()));
                assertThat(shown).hasToString(whole.substring(0, whole.indexOf(stop)));
                assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
                assertThat(answer.atStopSequence()).isTrue();
            }
        }
    }

    @Test
    void aSeedRepeatsOnAnyNumberOfThreads() throws IOException {
        int[] first = sample(generator, 7);
        assertThat(sample(generator, 7)).isEqualTo(first);
        assertThat(sample(generator, 8)).isNotEqualTo(first);
        try (TinyModel five = new TinyModel(folder, 5)) {
            assertThat(sample(new TextGenerator(five.model, five.tokenizer), 7)).isEqualTo(first);
        }
    }

    private static int[] sample(TextGenerator generator, long seed) {
        try (Generation answer = generator.start(PROMPT, sampled().seed(seed).build())) {
            answer.forEachRemaining(token -> {});
            return answer.ids();
        }
    }

    @Test
    void severalAnswersComeFromOnePrefill() {
        List<Generation> answers =
                generator.startAll(PromptTokens.of(PROMPT), sampled().n(3).build(), () -> false);
        answers.reversed().forEach(GenerationTest::tokens);
        assertThat(answers.getFirst().ids()).isEqualTo(sample(generator, 7));
        assertThat(answers.get(1).ids()).isNotEqualTo(answers.get(0).ids());
        assertThat(answers.get(2).ids()).isNotEqualTo(answers.get(1).ids());
        answers.forEach(Generation::close);
        List<Generation> greedy =
                generator.startAll(
                        PromptTokens.of(PROMPT),
                        GenerationConfig.builder().n(2).maxNewTokens(20).ignoreEos(true).build(),
                        () -> false);
        for (Generation answer : greedy) {
            tokens(answer);
            assertThat(answer.ids()).isEqualTo(reference(PROMPT, 20));
            answer.close();
        }
    }

    @Test
    void logProbsAreTheModelsOwn() {
        GenerationConfig config = sampled().logProbs(true).topK(3).maxNewTokens(5).build();
        try (Generation answer = generator.start(PROMPT, config);
                DecoderSession session = tiny.model.newSession()) {
            float[] logits = session.prefill(PROMPT);
            for (Token token : tokens(answer)) {
                double sum = 0;
                for (float logit : logits) {
                    sum += Math.exp(logit);
                }
                double expected = Math.log(Math.exp(logits[token.id()]) / sum);
                assertThat(token.logProb())
                        .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-9));
                logits = session.decode(token.id());
            }
        }
    }

    /** What the stream shows with a token may be more or less than the token's own text. */
    @Test
    void aTokenIsAlsoToldByItself() {
        GenerationConfig config = sampled().logProbs(true).maxNewTokens(60).build();
        try (Generation answer = generator.start(PROMPT, config)) {
            int parts = 0;
            for (Token token : tokens(answer)) {
                Token.Likelihood own = token.own().orElseThrow();
                assertThat(own.id()).isEqualTo(token.id());
                assertThat(own.logProb()).isEqualTo(token.logProb());
                assertThat(own.text())
                        .isEqualTo(tiny.tokenizer.decode(new int[] {token.id()}, false));
                if (token.id() >= 6 + 128 && token.id() < TinyModel.WORDS) {
                    assertThat(own.bytes()).containsExactly(token.id() - 6);
                    parts++;
                }
            }
            assertThat(parts).as("bytes that are no characters").isPositive();
        }
        try (Generation answer = generator.start(PROMPT, sampled().build())) {
            assertThat(answer.next().own()).isEmpty();
        }
    }

    @Test
    void cancelEndsItBeforeTheNextToken() {
        try (Generation answer = generator.start(PROMPT, sampled().build())) {
            answer.next();
            answer.cancel();
            assertThat(answer.hasNext()).isFalse();
            assertThat(answer.finishReason()).hasToString("cancelled");
        }
        Generation closed = generator.start(PROMPT, sampled().build());
        closed.next();
        closed.close();
        closed.close();
        assertThat(closed.hasNext()).isFalse();
    }

    /** In the prompt or in the answer, wherever it strikes. */
    @Test
    void anotherThreadMayCancelAtAnyMoment() throws InterruptedException {
        int[] prompt = new Random(2).ints(tiny.model.maxContext() / 2, 10, 200).toArray();
        GenerationConfig config =
                GenerationConfig.builder().ignoreEos(true).maxNewTokens(1 << 20).build();
        for (int delay = 0; delay < 20; delay++) {
            int wait = delay;
            try (Generation answer = generator.start(prompt, config)) {
                Thread other =
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            LockSupport.parkNanos(wait * 1_000_000L);
                                            answer.cancel();
                                        });
                answer.forEachRemaining(token -> {});
                other.join();
                assertThat(answer.finishReason()).isIn(FinishReason.CANCELLED, FinishReason.LENGTH);
                assertThat(answer.hasNext()).isFalse();
                if (wait == 0) {
                    assertThat(answer.finishReason()).isEqualTo(FinishReason.CANCELLED);
                }
            }
        }
    }

    /**
     * Of a prompt of many chunks only those are computed that were wanted, for one answer or more.
     */
    @Test
    void whoLosesInterestIsHeardWhileThePromptIsComputed() {
        int[] prompt = new Random(2).ints(tiny.model.maxContext() / 2, 10, 200).toArray();
        for (int n : new int[] {1, 3}) {
            AtomicInteger asked = new AtomicInteger();
            List<Generation> answers =
                    generator.startAll(
                            PromptTokens.of(prompt),
                            sampled().n(n).build(),
                            () -> asked.incrementAndGet() > 3);
            for (Generation answer : answers) {
                assertThat(answer.hasNext()).isFalse();
                assertThat(answer.finishReason()).isEqualTo(FinishReason.CANCELLED);
                assertThat(answer.prefillSeconds()).isNotNegative();
                answer.close();
            }
            assertThat(asked.get()).isLessThan(prompt.length / 8);
        }
    }

    @Test
    void stopsWhereTheContextEnds() {
        int limit = tiny.model.maxContext();
        int[] prompt = new int[limit - 3];
        java.util.Arrays.fill(prompt, 270);
        try (Generation answer = generator.start(prompt, sampled().build())) {
            assertThat(tokens(answer)).hasSize(4);
            assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
        }
        assertThatThrownBy(() -> generator.start(new int[limit + 1], sampled().build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the context holds " + limit)
                .hasMessageEndingWith("the most that the model was made for; shorten it");
        assertThatThrownBy(() -> generator.start(new int[0], sampled().build()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> generator.start(new int[] {2, TinyModel.VOCAB}, sampled().build()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
