package io.djlnpu.kernel;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The shares of a region, dealt to threads: each takes a run of neighbours from front to back, as
 * memory is read ahead, and then what others still have, from back to front.
 */
final class ShareQueues {

    private static final int NONE = -1;

    /** Longs of a cache line, and of the next one, which is fetched with it. */
    private static final int STRIDE = 16;

    private final int threads;

    /** For each thread the share that it takes next, and above it where its run ends. */
    private final AtomicLongArray runs;

    ShareQueues(int threads) {
        this.threads = threads;
        runs = new AtomicLongArray((threads + 1) * STRIDE);
    }

    /** Deals new shares, while no thread takes any. */
    void deal(int shares) {
        for (int t = 0; t < threads; t++) {
            int next = (int) ((long) shares * t / threads);
            int end = (int) ((long) shares * (t + 1) / threads);
            runs.setPlain(index(t), run(next, end));
        }
    }

    /** Returns a share that nobody else gets, or -1 when all are taken. */
    int take(int thread) {
        int index = index(thread);
        for (long run = runs.get(index); left(run) > 0; run = runs.get(index)) {
            if (runs.compareAndSet(index, run, run(next(run) + 1, end(run)))) {
                return next(run);
            }
        }
        return takeFromOthers();
    }

    private int takeFromOthers() {
        for (int most = longest(); most != NONE; most = longest()) {
            long run = runs.get(most);
            if (left(run) > 0 && runs.compareAndSet(most, run, run(next(run), end(run) - 1))) {
                return end(run) - 1;
            }
        }
        return NONE;
    }

    private int longest() {
        int longest = NONE;
        int most = 0;
        for (int t = 0; t < threads; t++) {
            int left = left(runs.get(index(t)));
            if (left > most) {
                most = left;
                longest = index(t);
            }
        }
        return longest;
    }

    private static int index(int thread) {
        return (thread + 1) * STRIDE;
    }

    private static long run(int next, int end) {
        return (long) end << 32 | next;
    }

    private static int next(long run) {
        return (int) run;
    }

    private static int end(long run) {
        return (int) (run >> 32);
    }

    private static int left(long run) {
        return end(run) - next(run);
    }
}
