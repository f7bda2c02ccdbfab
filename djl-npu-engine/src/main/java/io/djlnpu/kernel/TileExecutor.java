package io.djlnpu.kernel;

import java.lang.foreign.Arena;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs the shares of a plan on the host's threads, the caller being one of them.
 *
 * <p>Threads wait for work by spinning for some microseconds and park after that, because a token
 * is a few hundred parallel regions of tens of microseconds. Regions of different callers follow
 * each other; a region that a share starts runs on the share's own thread.
 */
public final class TileExecutor implements AutoCloseable {

    private static final int SPINS = 3_000;
    private static final int SPINS_BEFORE_YIELD = 500;

    /** A parallel region. */
    @FunctionalInterface
    public interface Task {

        /**
         * Computes one share.
         *
         * @param share index of the share
         * @param thread index of the thread, for scratch memory of its own
         */
        void run(int share, int thread);
    }

    private final Worker[] workers;
    private final ShareQueues queues;
    private final AtomicInteger busy = new AtomicInteger();
    private volatile int epoch;
    private volatile boolean closed;
    private volatile Throwable failure;

    /** Freed by shares; nobody takes their memory away before the region has ended. */
    private final Queue<Arena> outgrown = new ConcurrentLinkedQueue<>();

    private Thread caller;
    private Task task;

    /**
     * Starts the threads.
     *
     * @param threads how many take part, the caller included
     */
    public TileExecutor(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads, expected at least 1");
        }
        queues = new ShareQueues(threads);
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /**
     * Returns how many threads take part.
     *
     * @return threads, the caller included
     */
    public int threads() {
        return workers.length + 1;
    }

    /**
     * Runs a region and returns when every share is done.
     *
     * @param shareCount how many shares
     * @param region what to do with each
     * @throws IllegalStateException if the executor is closed
     */
    public void run(int shareCount, Task region) {
        int thread = threadOfRegion();
        if (thread >= 0) {
            runAlone(shareCount, region, thread);
        } else {
            runTogether(shareCount, region);
        }
    }

    /** This thread's index if it is at work on a share, or -1. */
    private int threadOfRegion() {
        Thread current = Thread.currentThread();
        if (current == caller) {
            return 0;
        }
        return current instanceof Worker worker && worker.isOf(this) ? worker.index : -1;
    }

    private static void runAlone(int shareCount, Task region, int thread) {
        for (int i = 0; i < shareCount; i++) {
            region.run(i, thread);
        }
    }

    private synchronized void runTogether(int shareCount, Task region) {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        if (workers.length == 0 || shareCount == 1) {
            runAlone(shareCount, region, 0);
            return;
        }
        caller = Thread.currentThread();
        task = region;
        queues.deal(shareCount);
        busy.set(workers.length);
        epoch++;
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
        takeShares(0);
        for (int spin = 0; busy.get() != 0; spin++) {
            pause(spin);
        }
        caller = null;
        for (Arena memory = outgrown.poll(); memory != null; memory = outgrown.poll()) {
            memory.close();
        }
        if (failure != null) {
            Throwable thrown = failure;
            failure = null;
            throw new IllegalStateException("a kernel failed", thrown);
        }
    }

    /**
     * Spins for about a microsecond; longer waits give the core away, which somebody else may need
     * to finish.
     */
    private static void pause(int spin) {
        if (spin < SPINS_BEFORE_YIELD) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    private void takeShares(int thread) {
        try {
            for (int i = queues.take(thread); i >= 0; i = queues.take(thread)) {
                task.run(i, thread);
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /**
     * Frees memory that regions work on, while none is running: at once, or, if a share asks for
     * it, when its region ends.
     *
     * @param memory what to close
     */
    public void free(Arena memory) {
        if (threadOfRegion() >= 0) {
            outgrown.add(memory);
        } else {
            freeNow(memory);
        }
    }

    private synchronized void freeNow(Arena memory) {
        memory.close();
    }

    /** Stops the threads, after the region that is running. */
    @Override
    public synchronized void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {

        private final int index;
        private volatile boolean parked;

        Worker(int index) {
            super("npu-tile-" + index);
            this.index = index;
            setDaemon(true);
        }

        private boolean isOf(TileExecutor executor) {
            return executor == TileExecutor.this;
        }

        @Override
        public void run() {
            int seen = 0;
            while (await(seen)) {
                seen++;
                takeShares(index);
                busy.decrementAndGet();
            }
        }

        private boolean await(int seen) {
            for (int spin = 0; epoch == seen && !closed; spin++) {
                if (spin < SPINS) {
                    pause(spin);
                } else {
                    parked = true;
                    if (epoch == seen && !closed) {
                        LockSupport.park(this);
                    }
                    parked = false;
                }
            }
            return epoch != seen;
        }
    }
}
