package io.djlnpu.generate;

import io.djlnpu.gemma3.Gemma3Session;
import java.util.function.BooleanSupplier;

/** How a session comes to hold a prompt, and where it goes afterwards. */
interface Prompt {

    /** A session, and the logits after the last token that it holds. */
    record Fed(Gemma3Session session, float[] logits) {}

    /** Returns a session that holds the prompt; null if {@code cancelled} said so on the way. */
    Fed feed(int[] promptIds, BooleanSupplier cancelled);

    /** Takes the session back; {@code ids} are the tokens that it holds. */
    void release(Gemma3Session session, int[] ids);
}
