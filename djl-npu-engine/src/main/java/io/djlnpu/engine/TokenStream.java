package io.djlnpu.engine;

import io.djlnpu.generate.FinishReason;
import io.djlnpu.generate.Generation;
import io.djlnpu.generate.PromptTokens;
import io.djlnpu.generate.Token;
import io.djlnpu.simulate.RequestShape;
import io.djlnpu.timing.RunReport;
import java.lang.ref.Cleaner;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * An answer while it is being written: each element is the text that became certain with one more
 * token, in whole characters. Computes a token when it is asked for one.
 *
 * <p>To be closed if it is left before its end, or its memory is freed with the garbage; {@link
 * #cancel} may come from any thread.
 */
public final class TokenStream implements Iterator<String>, AutoCloseable {

    private static final Cleaner CLEANER = Cleaner.create();

    private final NpuRuntime runtime;

    /** Held for its own sake: a model that is collected is closed, answers and all. */
    @SuppressWarnings("unused")
    private final Object model;

    private final Generation generation;
    private final Cleaner.Cleanable memory;
    private Token last;

    TokenStream(NpuRuntime runtime, Generation generation) {
        this.runtime = runtime;
        this.model = runtime.owner();
        this.generation = generation;
        memory = CLEANER.register(this, generation::close);
    }

    @Override
    public boolean hasNext() {
        boolean more = false;
        try {
            more = runtime.step(model -> generation.hasNext());
            if (!more && finishReason() == FinishReason.CANCELLED && runtime.closing()) {
                throw new IllegalStateException("the model is closed");
            }
            return more;
        } finally {
            if (!more) {
                close();
            }
        }
    }

    @Override
    public String next() {
        return nextToken().text();
    }

    /**
     * Returns the next token with its id and, if asked for, its log-probability.
     *
     * @return the token
     * @throws NoSuchElementException at the end
     */
    public Token nextToken() {
        if (!hasNext()) {
            throw new NoSuchElementException("the answer ended: " + finishReason());
        }
        last = generation.next();
        return last;
    }

    /**
     * Writes the answer to its end.
     *
     * @return the whole text
     */
    public String complete() {
        while (hasNext()) {
            last = generation.next();
        }
        return text();
    }

    /**
     * Returns the text so far.
     *
     * @return the text
     */
    public String text() {
        return generation.text();
    }

    /**
     * Returns why the answer ended.
     *
     * @return the reason
     */
    public FinishReason finishReason() {
        return generation.finishReason();
    }

    /**
     * Tells whether a stop sequence ended the answer.
     *
     * @return true if it did, and not a token of the model's
     */
    public boolean atStopSequence() {
        return generation.atStopSequence();
    }

    /**
     * Returns the length of the prompt.
     *
     * @return tokens
     */
    public int promptTokens() {
        return generation.prompt().ids().length;
    }

    /**
     * Returns the length of the answer so far.
     *
     * @return tokens
     */
    public int generatedTokens() {
        return generation.ids().length;
    }

    /**
     * Prices prompt and answer so far on the NPU, as the timing model sees it: what the prompt
     * cache held already is not computed there either.
     *
     * @return time and energy of the request
     */
    public RunReport npuCost() {
        PromptTokens prompt = generation.prompt();
        RequestShape shape =
                new RequestShape(
                        prompt.ids().length,
                        generation.cachedTokens(),
                        generatedTokens(),
                        prompt.images().size());
        return runtime.simulation().price(shape);
    }

    /** Asks the answer to end before its next token. */
    public void cancel() {
        generation.cancel();
    }

    /** Ends the answer and gives its memory back. */
    @Override
    public void close() {
        memory.clean();
    }
}
