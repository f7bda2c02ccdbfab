package io.djlnpu.generate.grammar;

import java.util.concurrent.CancellationException;

/**
 * What a form may cost while it is compiled and while it is followed: time and memory. An
 * interrupted thread is heard.
 */
final class CompileBudget {

    static final String TOO_COMPLEX = "the form is too complex to be compiled";

    /** Bytes of a term with its entry among the interned ones, roughly. */
    private static final int BYTES_PER_UNIT = 200;

    private final long deadlineNanos;
    private final long mostUnits;
    private long units;
    private long checks;
    private boolean compiled;

    CompileBudget(long millis, long megabytes) {
        deadlineNanos = System.nanoTime() + millis * 1_000_000;
        mostUnits = megabytes * 1_000_000 / BYTES_PER_UNIT;
    }

    /** From now on an answer is followed: time is the caller's. */
    void compiled() {
        compiled = true;
    }

    /** Takes memory. */
    void take(int amount) {
        units += amount;
        if (units > mostUnits) {
            throw new IllegalArgumentException(
                    TOO_COMPLEX
                            + ": it takes more than "
                            + mostUnits * BYTES_PER_UNIT / 1_000_000
                            + " MB; make it smaller");
        }
        check();
    }

    /** Gives memory back. */
    void give(int amount) {
        units -= amount;
    }

    boolean isNearlySpent() {
        return units > mostUnits / 4 * 3;
    }

    /** Notices the end of the time, and an interrupt. */
    void check() {
        if ((++checks & 0xFF) != 0) {
            return;
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted while a form was compiled");
        }
        if (!compiled && System.nanoTime() > deadlineNanos) {
            throw new IllegalArgumentException(
                    TOO_COMPLEX + ": it takes too long; make it smaller");
        }
    }
}
