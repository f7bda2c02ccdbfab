package io.djlnpu.kernel;

import java.util.concurrent.CancellationException;

/** Lets long work hear an interrupt of its thread between two kernels. */
public final class Interruption {

    private Interruption() {}

    /**
     * Returns if the thread may go on.
     *
     * @throws CancellationException if it was interrupted; its interrupt status stays
     */
    public static void check() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted");
        }
    }
}
