package io.djlnpu.samples.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets work clean up behind itself when Ctrl-C or a signal ends the program: its thread is
 * interrupted, and the program's end waits until it has closed this.
 */
final class TidyExit implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 10;

    private final CountDownLatch tidy = new CountDownLatch(1);
    private final Thread worker = Thread.currentThread();
    private final Thread hook = new Thread(this::stop, "tidy-exit");

    TidyExit() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Interrupts the work and waits until it is closed, but not for ever. */
    void stop() {
        worker.interrupt();
        try {
            tidy.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        tidy.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // The user ended it and needs no report of that: the thread goes with the program.
            Thread.interrupted();
            sleepForEver();
        }
    }

    private static void sleepForEver() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
