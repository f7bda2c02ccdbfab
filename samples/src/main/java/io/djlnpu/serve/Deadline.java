package io.djlnpu.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends reads that take too long: an interrupt closes the socket that a virtual thread reads from.
 * Helidon's own time limit does not reach into bodies.
 */
final class Deadline implements AutoCloseable {

    private final Duration limit;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("npu-serve-clock").daemon().factory());

    Deadline(Duration limit) {
        this.limit = limit;
    }

    /** What takes its time. */
    @FunctionalInterface
    interface Read {

        byte[] read() throws IOException;
    }

    /** Lets the calling thread read until the time is over. */
    byte[] within(Read read) throws IOException {
        Thread reader = Thread.currentThread();
        Future<?> ring = clock.schedule(reader::interrupt, limit.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return read.read();
        } finally {
            if (!ring.cancel(false)) {
                Thread.interrupted(); // it came when the read was over already
            }
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
