package io.djlnpu.generate;

import io.djlnpu.gemma3.Gemma3Model;
import io.djlnpu.gemma3.Gemma3Session;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** A prompt of ids, of which the cache may know the beginning. */
record CachedPrompt(PromptCache cache, Gemma3Model model) implements Prompt {

    @Override
    public Fed feed(int[] promptIds, int answerTokens, BooleanSupplier cancelled) {
        Gemma3Session session = cache.acquire(promptIds);
        try {
            // Whole chunks at a time, as the session would cut them itself, to hear a cancellation.
            int chunk = model.options().prefillChunk();
            float[] logits = null;
            while (session.position() < promptIds.length) {
                if (cancelled.getAsBoolean()) {
                    release(session, promptIds);
                    return null;
                }
                int from = session.position();
                int to = Math.min(promptIds.length, from + chunk);
                logits = session.prefill(Arrays.copyOfRange(promptIds, from, to));
            }
            // A ring has room for one chunk beside its window: a longer answer overwrites keys that
            // the prompt needs when it is continued, so its session could not be cut afterwards.
            if (answerTokens > chunk && cache.enabled()) {
                cache.release(session.fork(), promptIds);
            }
            return new Fed(session, logits);
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    @Override
    public void release(Gemma3Session session, int[] promptIds) {
        int fed = Math.min(session.position(), promptIds.length);
        if (session.truncate(fed)) {
            cache.release(session, Arrays.copyOf(promptIds, fed));
        } else {
            session.close();
        }
    }
}
