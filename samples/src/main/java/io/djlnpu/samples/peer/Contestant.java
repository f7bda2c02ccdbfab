package io.djlnpu.samples.peer;

/** One way to run a decoder, to be timed. Not safe for use by several threads. */
interface Contestant extends AutoCloseable {

    /** What runs, in a few words. */
    String name();

    /** Forgets the sequence, feeds a prompt and returns the best next token. */
    int prefill(int[] prompt) throws Exception;

    /** Feeds one token and returns the best next one. */
    int decode(int token) throws Exception;

    @Override
    void close();
}
