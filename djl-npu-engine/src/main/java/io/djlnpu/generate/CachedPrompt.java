package io.djlnpu.generate;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * How a session comes to hold a prompt, of which the cache may know the beginning, and where it
 * goes afterwards.
 */
record CachedPrompt(PromptCache cache, DecoderModel model, PromptTokens tokens, int[] keys) {

    /** A session, the logits after the last token that it holds, and how many it held before. */
    record Fed(DecoderSession session, float[] logits, int cached) {}

    CachedPrompt(PromptCache cache, DecoderModel model, PromptTokens tokens) {
        this(cache, model, tokens, tokens.keys());
    }

    /** Returns a session that holds the prompt; null if {@code cancelled} said so on the way. */
    Fed feed(BooleanSupplier cancelled) {
        DecoderSession session = cache.acquire(keys);
        int cached = session.position();
        try {
            // Whole chunks at a time, as the session would cut them itself, to hear a cancellation.
            int chunk = model.options().prefillChunk();
            float[] logits = null;
            while (session.position() < tokens.length()) {
                if (cancelled.getAsBoolean()) {
                    release(session);
                    return null;
                }
                int from = session.position();
                int to = tokens.cut(from, Math.min(tokens.length(), from + chunk));
                logits =
                        session.prefill(
                                Arrays.copyOfRange(tokens.ids(), from, to), tokens.spans(from, to));
            }
            return new Fed(session, logits, cached);
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    /**
     * To be called before each token of the answer is fed. A ring has room for one chunk beside its
     * window: a longer answer overwrites keys that the prompt needs when it is continued, so its
     * session could not be cut afterwards, and is copied while it still can.
     */
    void beforeAnswerToken(DecoderSession session) {
        int answered = session.position() - keys.length;
        if (answered == model.options().prefillChunk() && cache.enabled()) {
            release(session.fork());
        }
    }

    /** Takes a session back that holds the prompt, or its beginning, and maybe an answer. */
    void release(DecoderSession session) {
        int fed = Math.min(session.position(), keys.length);
        if (session.truncate(fed)) {
            cache.release(session, Arrays.copyOf(keys, fed));
        } else {
            session.close();
        }
    }
}
