package io.djlnpu.generate;

import io.djlnpu.gemma3.Gemma3Session;

/** Feeds a prompt that is more than its ids, such as one with pictures, to a fresh session. */
@FunctionalInterface
public interface PromptFeeder {

    /**
     * Feeds the whole prompt.
     *
     * @param session an empty session
     * @param promptIds the prompt, placeholders included
     * @return the last position's logits, {@code [vocab]}
     */
    float[] feed(Gemma3Session session, int[] promptIds);
}
