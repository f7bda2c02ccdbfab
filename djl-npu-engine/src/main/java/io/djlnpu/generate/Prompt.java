package io.djlnpu.generate;

import io.djlnpu.gemma3.Gemma3Session;
import java.util.function.BooleanSupplier;

/** How a session comes to hold a prompt, and where it goes afterwards. */
interface Prompt {

    /** A session, and the logits after the last token that it holds. */
    record Fed(Gemma3Session session, float[] logits) {}

    /**
     * Returns a session that holds the prompt; null if {@code cancelled} said so on the way. {@code
     * answerTokens} may follow.
     */
    Fed feed(int[] promptIds, int answerTokens, BooleanSupplier cancelled);

    /** Takes a session back that holds the prompt, or its beginning, and maybe an answer. */
    void release(Gemma3Session session, int[] promptIds);
}
