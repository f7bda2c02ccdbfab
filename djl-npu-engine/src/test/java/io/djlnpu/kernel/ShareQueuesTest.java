package io.djlnpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ShareQueuesTest {

    @Test
    void aThreadTakesNeighboursInOrderAndThenTheRestOfOthers() {
        ShareQueues queues = new ShareQueues(3);
        queues.deal(10);
        assertThat(queues.take(0)).isEqualTo(0);
        assertThat(queues.take(1)).isEqualTo(3);
        assertThat(takeAll(queues, 1)).containsExactly(4, 5, 9, 8, 2, 7, 1, 6);
        assertThat(queues.take(0)).isNegative();
        assertThat(queues.take(2)).isNegative();
    }

    @Test
    void fewerSharesThanThreads() {
        ShareQueues queues = new ShareQueues(4);
        queues.deal(2);
        assertThat(takeAll(queues, 3)).containsExactlyInAnyOrder(0, 1);
        queues.deal(0);
        assertThat(takeAll(queues, 0)).isEmpty();
    }

    @Test
    @Timeout(60)
    void everyShareIsTakenOnce() throws InterruptedException {
        int threads = 4;
        int shares = 1_000;
        ShareQueues queues = new ShareQueues(threads);
        for (int round = 0; round < 50; round++) {
            queues.deal(shares);
            AtomicIntegerArray taken = new AtomicIntegerArray(shares);
            List<Thread> running = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                running.add(
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            for (int share : takeAll(queues, thread)) {
                                                taken.incrementAndGet(share);
                                            }
                                        }));
            }
            for (Thread thread : running) {
                thread.join();
            }
            for (int share = 0; share < shares; share++) {
                assertThat(taken.get(share)).isEqualTo(1);
            }
        }
    }

    private static List<Integer> takeAll(ShareQueues queues, int thread) {
        List<Integer> taken = new ArrayList<>();
        for (int share = queues.take(thread); share >= 0; share = queues.take(thread)) {
            taken.add(share);
        }
        return taken;
    }
}
