package io.djlnpu.serve;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that compute answers, and the line before them. They are platform threads: what they
 * do is arithmetic.
 */
final class Admission implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 20;

    private final ThreadPoolExecutor workers;

    Admission(int parallel, int queue) {
        BlockingQueue<Runnable> line =
                queue == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(queue);
        workers =
                new ThreadPoolExecutor(
                        parallel,
                        parallel,
                        0,
                        TimeUnit.SECONDS,
                        line,
                        Thread.ofPlatform().name("npu-serve-", 0).daemon().factory());
    }

    /**
     * Lets a request in.
     *
     * @throws ApiException 429 if as many wait as may, 503 if the server ends
     */
    void submit(Runnable answer) {
        try {
            workers.execute(answer);
        } catch (RejectedExecutionException e) {
            throw workers.isShutdown()
                    ? new ApiException(503, "shutting_down", "the server is shutting down")
                    : new ApiException(
                            429,
                            "queue_full",
                            "%d requests run and %d wait; try again later"
                                    .formatted(running(), waiting()));
        }
    }

    int running() {
        return workers.getActiveCount();
    }

    int waiting() {
        return workers.getQueue().size();
    }

    /** Lets nobody in any more, and waits for those that are in, but not for ever. */
    @Override
    public void close() {
        workers.shutdown();
        try {
            if (!workers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                workers.shutdownNow();
                workers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
