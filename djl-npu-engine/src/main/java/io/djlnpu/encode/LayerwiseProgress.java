package io.djlnpu.encode;

import io.djlnpu.kernel.ProjectionWeights;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Counts weights that need no more work. */
final class LayerwiseProgress {

    private final AtomicLong done = new AtomicLong();
    private final LongConsumer listener;

    LayerwiseProgress(LongConsumer listener) {
        this.listener = listener;
    }

    void skip(ProjectionWeights matrix) {
        add((long) matrix.rows() * matrix.columns());
    }

    void add(long weights) {
        long sum = done.addAndGet(weights);
        synchronized (this) {
            listener.accept(sum);
        }
    }
}
