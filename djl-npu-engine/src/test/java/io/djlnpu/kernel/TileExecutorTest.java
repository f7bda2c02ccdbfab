package io.djlnpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TileExecutorTest {

    private static final int SHARES = 64;

    @Test
    @Timeout(60)
    void aRegionInsideAShareRunsOnTheThreadOfTheShare() {
        AtomicIntegerArray runs = new AtomicIntegerArray(SHARES * SHARES);
        AtomicIntegerArray foreign = new AtomicIntegerArray(1);
        try (TileExecutor executor = new TileExecutor(3)) {
            executor.run(
                    SHARES,
                    (outer, thread) -> {
                        Thread own = Thread.currentThread();
                        executor.run(
                                SHARES,
                                (inner, innerThread) -> {
                                    runs.incrementAndGet(outer * SHARES + inner);
                                    if (innerThread != thread || Thread.currentThread() != own) {
                                        foreign.incrementAndGet(0);
                                    }
                                });
                    });
        }
        for (int i = 0; i < SHARES * SHARES; i++) {
            assertThat(runs.get(i)).isEqualTo(1);
        }
        assertThat(foreign.get(0)).isZero();
    }
}
