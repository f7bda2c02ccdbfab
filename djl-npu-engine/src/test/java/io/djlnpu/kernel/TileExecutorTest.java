package io.djlnpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
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

    @Test
    void aFailureReachesTheCallerAndEndsWithItsRegion() {
        try (TileExecutor executor = new TileExecutor(3)) {
            assertThatThrownBy(
                            () ->
                                    executor.run(
                                            SHARES,
                                            (share, thread) -> {
                                                throw new ArithmeticException("share");
                                            }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a kernel failed")
                    .hasRootCauseMessage("share");
            AtomicIntegerArray runs = new AtomicIntegerArray(SHARES);
            executor.run(SHARES, (share, thread) -> runs.incrementAndGet(share));
            for (int i = 0; i < SHARES; i++) {
                assertThat(runs.get(i)).isEqualTo(1);
            }
        }
    }

    @Test
    @Timeout(60)
    void memoryIsFreedBetweenRegions() throws InterruptedException {
        Arena memory = Arena.ofShared();
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean alive = new AtomicBoolean();
        try (TileExecutor executor = new TileExecutor(2)) {
            Thread other =
                    new Thread(
                            () -> {
                                try {
                                    running.await();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                                executor.free(memory);
                            });
            other.start();
            executor.run(
                    2,
                    (share, thread) -> {
                        running.countDown();
                        // until the other thread waits for the region's end
                        while (other.getState() != Thread.State.BLOCKED
                                && memory.scope().isAlive()) {
                            Thread.onSpinWait();
                        }
                        alive.set(memory.scope().isAlive());
                    });
            other.join();
        }
        assertThat(alive).isTrue();
        assertThat(memory.scope().isAlive()).isFalse();
    }

    @Test
    void nothingRunsAfterItIsClosed() {
        TileExecutor executor = new TileExecutor(2);
        executor.close();
        assertThatThrownBy(() -> executor.run(2, (share, thread) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the model is closed");
        Arena memory = Arena.ofShared();
        executor.free(memory);
        assertThat(memory.scope().isAlive()).isFalse();
    }
}
