package io.djlnpu.decoder;

import io.djlnpu.format.ModelFormatException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the kernels until C2 has compiled them. One layer is enough: all layers run the same code,
 * and the fewer weights a round reads, the sooner its loops are counted as hot.
 */
final class WarmUp {

    /** The longest sequence. */
    static final int CONTEXT = 64;

    static final int MOST_ROUNDS = 60;

    private static final int PROMPT = 16;

    /** Decoded after each prompt. */
    private static final int TOKENS = 1;

    private static final long LONGEST_NANOS = 4_000_000_000L;

    /** It is over when so many rounds were not {@link #GAIN} times as fast as the best before. */
    private static final int ROUNDS_WITHOUT_GAIN = 3;

    private static final double GAIN = 1.1;

    /** The compiler's work is the JVM's, not a model's. */
    private static final AtomicBoolean DONE = new AtomicBoolean();

    /** Embedding runs no kernel of decode, so it does not count for decoders. */
    private static final AtomicBoolean EMBEDDED = new AtomicBoolean();

    private WarmUp() {}

    /** Does nothing once a call has succeeded, or while another is at it. */
    static void once(DecoderModel model) throws ModelFormatException {
        once(model, model.config().isEmbedding() ? EMBEDDED : DONE);
    }

    static void once(DecoderModel model, AtomicBoolean done) throws ModelFormatException {
        if (done.compareAndSet(false, true)) {
            boolean succeeded = false;
            try (DecoderModel layer = model.firstLayer()) {
                untilNoFaster(layer);
                succeeded = true;
            } finally {
                done.set(succeeded);
            }
        }
    }

    /** Returns how many rounds that took. */
    static int untilNoFaster(DecoderModel layer) throws ModelFormatException {
        int[] prompt = new int[Math.clamp(layer.maxContext() - TOKENS, 1, PROMPT)];
        if (layer.config().isEmbedding()) {
            try (TextEmbedder embedder = layer.newEmbedder()) {
                return untilNoFaster(() -> embedder.embed(List.of(prompt)));
            }
        }
        int tokens = Math.min(TOKENS, layer.maxContext() - prompt.length);
        try (DecoderSession session = layer.newSession()) {
            return untilNoFaster(
                    () -> {
                        session.reset();
                        session.prefill(prompt);
                        for (int i = 0; i < tokens; i++) {
                            session.decodeGreedy(0);
                        }
                    });
        }
    }

    private static int untilNoFaster(Runnable round) {
        long start = System.nanoTime();
        long best = Long.MAX_VALUE;
        int without = 0;
        int rounds = 0;
        while (without < ROUNDS_WITHOUT_GAIN
                && rounds < MOST_ROUNDS
                && System.nanoTime() - start < LONGEST_NANOS) {
            long from = System.nanoTime();
            round.run();
            long nanos = System.nanoTime() - from;
            without = nanos * GAIN < best ? 0 : without + 1;
            best = Math.min(best, nanos);
            rounds++;
        }
        return rounds;
    }
}
