package io.djlnpu.generate;

import java.util.Locale;

/** Why a generation came to its end. */
public enum FinishReason {
    /** It has not ended. */
    RUNNING,
    /** The model ended its answer, or a stop sequence came. */
    STOP,
    /** The wanted number of tokens, or the model's context, is used up. */
    LENGTH,
    /** Somebody cancelled or closed it. */
    CANCELLED;

    /**
     * Returns the name as interfaces for programs spell it.
     *
     * @return lower case, such as {@code stop}
     */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
