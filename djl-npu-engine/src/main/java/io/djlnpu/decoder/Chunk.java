package io.djlnpu.decoder;

/** The tokens that go through the layers together: what changes from run to run of a program. */
final class Chunk {

    private final int[] slots;

    /** Tokens whose rows are in the buffers. */
    int tokens;

    /** Tokens before the first row, which are left out from some step on. */
    int skipped;

    /** Sees what is multiplied; may be null. */
    ActivationObserver observer;

    Chunk(int capacity) {
        slots = new int[capacity];
    }

    /** Begins with tokens that follow each other in the cache. */
    void begin(int position, int count, ActivationObserver activationObserver) {
        tokens = 0;
        skipped = 0;
        observer = activationObserver;
        append(position, count);
    }

    /** Appends tokens that follow each other, to a place behind all others. */
    void append(int position, int count) {
        for (int t = 0; t < count; t++) {
            slots[tokens + t] = position + t;
        }
        tokens += count;
    }

    /** A token's place in the cache. */
    int slot(int token) {
        return slots[token];
    }

    /** One past the last token's place. */
    int end() {
        return slots[tokens - 1] + 1;
    }

    /** Goes on with the last token alone, whose keys and values are in the cache. */
    void keepLast() {
        skipped = tokens - 1;
        tokens = 1;
    }
}
