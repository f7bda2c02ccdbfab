package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptCacheTest {

    private static final int[] SYSTEM = ids(1, 20);

    @TempDir private static Path folder;

    private static TinyModel tiny;
    private static TextGenerator plain;

    @BeforeAll
    static void open() throws IOException {
        tiny = new TinyModel(folder, 1);
        plain = new TextGenerator(tiny.model, tiny.tokenizer);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private static int[] ids(long seed, int count) {
        return new Random(seed).ints(count, 6, TinyModel.VOCAB).toArray();
    }

    private static int[] join(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }

    private static int[] answer(TextGenerator generator, int[] prompt, int tokens) {
        GenerationConfig config =
                GenerationConfig.builder()
                        .maxNewTokens(tokens)
                        .ignoreEos(true)
                        .temperature(1)
                        .seed(3)
                        .build();
        try (Generation generation = generator.start(prompt, config)) {
            generation.forEachRemaining(token -> {});
            return generation.ids();
        }
    }

    private static TextGenerator cached(PromptCache cache) {
        return new TextGenerator(tiny.model, tiny.tokenizer, cache);
    }

    @Test
    void theNextTurnContinuesTheSession() {
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            int[] conversation = SYSTEM;
            for (int turn = 0; turn < 6; turn++) {
                conversation = join(conversation, ids(turn, 9));
                int[] expected = answer(plain, conversation, 5 + 5 * turn);
                assertThat(answer(cached(cache), conversation, 5 + 5 * turn)).isEqualTo(expected);
                assertThat(cache.sessions()).isEqualTo(1);
                var session = cache.acquire(join(conversation, expected));
                assertThat(session.position()).isEqualTo(conversation.length);
                assertThat(cache.sessions()).isZero();
                cache.release(session, conversation);
                conversation = join(conversation, expected);
            }
            cache.acquire(conversation).close();
            assertThat(cache.bytes()).isZero();
        }
    }

    /** A chunk is 8 tokens here: only an answer that is longer makes a copy of its prompt. */
    @Test
    void aShortAnswerCopiesNothingHoweverLongItMightBecome() {
        GenerationConfig config =
                GenerationConfig.builder().maxNewTokens(100).ignoreEos(true).build();
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            int[] ids;
            try (Generation answer = cached(cache).start(SYSTEM, config)) {
                for (int i = 0; i < 9; i++) {
                    answer.next();
                    assertThat(cache.sessions()).isZero();
                }
                answer.next();
                assertThat(cache.sessions()).isEqualTo(1);
                answer.forEachRemaining(token -> {});
                ids = answer.ids();
            }
            assertThat(position(cache, join(SYSTEM, ids))).isEqualTo(SYSTEM.length);
        }
    }

    @Test
    void aSharedBeginningIsCopiedAndCut() {
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            for (int user = 0; user < 5; user++) {
                int[] prompt = join(SYSTEM, ids(100 + user, 5 + user));
                assertThat(answer(cached(cache), prompt, 4)).isEqualTo(answer(plain, prompt, 4));
            }
            assertThat(cache.sessions()).isEqualTo(5);
            var session = cache.acquire(join(SYSTEM, ids(7, 3)));
            assertThat(session.position()).isEqualTo(SYSTEM.length);
            session.close();
            assertThat(cache.sessions()).isEqualTo(5);
        }
    }

    /** Cuts of cuts: what a ring once overwrote must not be taken for the window's keys. */
    @Test
    void answersAreTheSameWhereverPromptsPart() {
        Random random = new Random(5);
        int[] stem = ids(50, 200);
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            int cut = 0;
            for (int i = 0; i < 30; i++) {
                int length = 1 + random.nextInt(stem.length);
                int[] prompt = join(Arrays.copyOf(stem, length), ids(random.nextInt(4), 3));
                var session = cache.acquire(prompt);
                cut += session.position() > 0 ? 1 : 0;
                cache.release(session, Arrays.copyOf(prompt, session.position()));
                assertThat(answer(cached(cache), prompt, 6)).isEqualTo(answer(plain, prompt, 6));
            }
            assertThat(cut).as("prompts that reused something").isGreaterThan(5);
        }
    }

    @Test
    void theLeastRecentlyUsedGoesFirst() {
        long one;
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            answer(cached(cache), SYSTEM, 2);
            one = cache.bytes();
        }
        try (PromptCache cache = new PromptCache(tiny.model, 2 * one)) {
            int[] first = ids(31, 6);
            answer(cached(cache), first, 2);
            answer(cached(cache), ids(32, 6), 2);
            answer(cached(cache), first, 2);
            answer(cached(cache), ids(33, 6), 2);
            assertThat(cache.bytes()).isBetween(one, 2 * one);
            assertThat(position(cache, join(first, first))).isEqualTo(first.length);
            assertThat(position(cache, ids(32, 6))).isZero();
        }
    }

    private static int position(PromptCache cache, int[] prompt) {
        try (var session = cache.acquire(prompt)) {
            return session.position();
        }
    }

    @Test
    void manyThreadsGetTheAnswersOfOne() throws Exception {
        int requests = 200;
        List<int[]> prompts = new ArrayList<>();
        List<int[]> expected = new ArrayList<>();
        Random random = new Random(9);
        for (int i = 0; i < requests; i++) {
            int[] prompt =
                    join(Arrays.copyOf(SYSTEM, 10 + random.nextInt(10)), ids(i % 40, 1 + i % 30));
            prompts.add(prompt);
            expected.add(answer(plain, prompt, 1 + i % 25));
        }
        try (PromptCache cache = new PromptCache(tiny.model, 16L << 20);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<int[]>> answers = new ArrayList<>();
            for (int i = 0; i < requests; i++) {
                int request = i;
                answers.add(
                        threads.submit(
                                (Callable<int[]>)
                                        () -> {
                                            if (request % 3 == 0) {
                                                disturb(cached(cache), prompts.get(request));
                                            }
                                            return answer(
                                                    cached(cache),
                                                    prompts.get(request),
                                                    1 + request % 25);
                                        }));
            }
            for (int i = 0; i < requests; i++) {
                assertThat(answers.get(i).get()).as("request " + i).isEqualTo(expected.get(i));
            }
            assertThat(cache.bytes()).isLessThanOrEqualTo(16L << 20);
        }
    }

    /** An answer that another thread cancels, or closes, while it is computed. */
    private static void disturb(TextGenerator generator, int[] prompt) throws InterruptedException {
        GenerationConfig config =
                GenerationConfig.builder().maxNewTokens(500).ignoreEos(true).build();
        Generation generation = generator.start(prompt, config);
        Thread other =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    if (prompt.length % 2 == 0) {
                                        generation.cancel();
                                    }
                                    generation.close();
                                });
        generation.forEachRemaining(token -> {});
        other.join();
        assertThat(generation.finishReason()).isNotEqualTo(FinishReason.RUNNING);
    }
}
