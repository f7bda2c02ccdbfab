package io.djlnpu.decoder;

/** The tokens that go through the layers together: what changes from run to run of a program. */
final class Chunk {

    /** Position of the first token. */
    int position;

    /** Tokens whose rows are in the buffers. */
    int tokens;

    /** Tokens before the first row, which are left out from some step on. */
    int skipped;

    /** Sees what is multiplied; may be null. */
    ActivationObserver observer;

    void begin(int firstPosition, int count, ActivationObserver activationObserver) {
        position = firstPosition;
        tokens = count;
        skipped = 0;
        observer = activationObserver;
    }

    /** Goes on with the last token alone. */
    void keepLast() {
        skipped = tokens - 1;
        tokens = 1;
    }
}
