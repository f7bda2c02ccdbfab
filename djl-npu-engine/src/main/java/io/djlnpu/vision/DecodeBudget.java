package io.djlnpu.vision;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/**
 * Memory that all pictures which are decoded at the same time may take together: half of the JVM's
 * heap. Who finds it taken waits until the others are done, in order.
 */
final class DecodeBudget {

    private static final long UNIT = 1 << 16;

    private static final DecodeBudget PROCESS =
            new DecodeBudget(Runtime.getRuntime().maxMemory() / 2);

    private final int units;
    private final Semaphore free;

    DecodeBudget(long bytes) {
        units = Math.clamp(bytes / UNIT, 1, Integer.MAX_VALUE);
        free = new Semaphore(units, true);
    }

    /** The one of this JVM. */
    static DecodeBudget process() {
        return PROCESS;
    }

    /** What is done with a part of the budget. */
    @FunctionalInterface
    interface Work<T> {

        T run() throws IOException;
    }

    /** Does something that takes memory; more than there is counts as all. */
    <T> T holding(long bytes, Work<T> work) throws IOException {
        int part = (int) Math.min(units, Math.ceilDiv(bytes, UNIT));
        try {
            free.acquire(part);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while other pictures are decoded");
        }
        try {
            return work.run();
        } finally {
            free.release(part);
        }
    }
}
