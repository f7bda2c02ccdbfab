package io.djlnpu.decoder;

/** Receives the logits of every position of a prompt, in order. */
@FunctionalInterface
public interface LogitsSink {

    /**
     * Receives one position's logits.
     *
     * @param index position in the prompt that was fed, from 0
     * @param logits {@code [vocab]}, valid during the call
     */
    void accept(int index, float[] logits);
}
