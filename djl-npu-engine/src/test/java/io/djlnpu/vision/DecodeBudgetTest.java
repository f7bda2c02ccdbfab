package io.djlnpu.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DecodeBudgetTest {

    private static final long MEBIBYTE = 1 << 20;

    @Test
    void whatIsHeldTogetherStaysWithinTheBudget() throws Exception {
        DecodeBudget budget = new DecodeBudget(10 * MEBIBYTE);
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        AtomicInteger done = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                long part = (1 + i % 5) * MEBIBYTE;
                all.add(
                        threads.submit(
                                () ->
                                        budget.holding(
                                                part,
                                                () -> {
                                                    long now = held.addAndGet(part);
                                                    most.accumulateAndGet(now, Math::max);
                                                    Thread.yield();
                                                    held.addAndGet(-part);
                                                    return done.incrementAndGet();
                                                })));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(done).hasValue(40);
        assertThat(most).hasValueLessThanOrEqualTo(10 * MEBIBYTE);
    }

    @Test
    void oneThatTakesMoreThanThereIsWaitsForAllAndIsServed() throws Exception {
        DecodeBudget budget = new DecodeBudget(MEBIBYTE);
        assertThat(budget.holding(Long.MAX_VALUE / 2, () -> 7)).isEqualTo(7);
        assertThat(budget.holding(1, () -> 8)).isEqualTo(8);
    }

    @Test
    void anInterruptEndsTheWait() {
        DecodeBudget budget = new DecodeBudget(MEBIBYTE);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> budget.holding(1, () -> 1))
                .isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
