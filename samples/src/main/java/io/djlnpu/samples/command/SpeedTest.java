package io.djlnpu.samples.command;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Times a prompt and an answer of random tokens, each by itself.
 *
 * @param gemma the model
 * @param promptTokens tokens of the timed prompt
 * @param newTokens tokens that each sequence decodes
 * @param depth tokens in each sequence's context before it decodes
 * @param sessions sequences that decode at once
 */
record SpeedTest(DecoderModel gemma, int promptTokens, int newTokens, int depth, int sessions) {

    private static final long SEED = 42;
    private static final double WARM_UP_SECONDS = 2;

    /** Tokens a second of the prompt. */
    double prefill() {
        return promptTokens / prefillSeconds();
    }

    /** Tokens a second of all sequences together. */
    double decode() {
        return sessions * newTokens / decodeSeconds();
    }

    /** The compiler needs a second or two on every kernel before it shows its speed. */
    void warmUp() {
        long start = System.nanoTime();
        do {
            prefillSeconds();
            decodeSeconds();
        } while (System.nanoTime() - start < WARM_UP_SECONDS * 1e9);
    }

    private double prefillSeconds() {
        int[] ids = randomIds(promptTokens);
        try (DecoderSession session = gemma.newSession()) {
            long start = System.nanoTime();
            session.prefill(ids);
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** Seconds until every sequence has its tokens; prompts are not counted. */
    private double decodeSeconds() {
        int[] ids = randomIds(newTokens);
        List<DecoderSession> open = new ArrayList<>();
        try {
            for (int i = 0; i < sessions; i++) {
                open.add(gemma.newSession());
                open.getLast().prefill(randomIds(depth));
            }
            long start = System.nanoTime();
            List<Thread> others =
                    open.stream()
                            .skip(1)
                            .map(session -> Thread.ofPlatform().start(() -> decode(session, ids)))
                            .toList();
            decode(open.getFirst(), ids);
            for (Thread other : others) {
                join(other);
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            open.forEach(DecoderSession::close);
        }
    }

    private static void decode(DecoderSession session, int[] ids) {
        for (int id : ids) {
            session.decodeGreedy(id);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    private int[] randomIds(int count) {
        return new Random(SEED).ints(count, 0, gemma.config().vocabSize()).toArray();
    }
}
