package io.djlnpu.generate;

import io.djlnpu.gemma3.Gemma3Model;
import io.djlnpu.gemma3.Gemma3Session;
import java.util.function.BooleanSupplier;

/** A prompt that somebody else knows how to feed. */
record FedPrompt(Gemma3Model model, PromptFeeder feeder) implements Prompt {

    @Override
    public Fed feed(int[] promptIds, int answerTokens, BooleanSupplier cancelled) {
        if (cancelled.getAsBoolean()) {
            return null;
        }
        Gemma3Session session = model.newSession();
        try {
            float[] logits = feeder.feed(session, promptIds);
            if (session.position() != promptIds.length) {
                throw new IllegalArgumentException(
                        "the feeder fed "
                                + session.position()
                                + " tokens of a prompt of "
                                + promptIds.length);
            }
            return new Fed(session, logits);
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    @Override
    public void release(Gemma3Session session, int[] promptIds) {
        session.close();
    }
}
