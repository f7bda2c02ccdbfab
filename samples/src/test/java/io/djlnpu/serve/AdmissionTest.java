package io.djlnpu.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private final CountDownLatch end = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);

    private void work() {
        begun.countDown();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void oneRunsOneWaitsAndTheThirdIsRefused() throws Exception {
        try (Admission admission = new Admission(1, 1)) {
            admission.submit(this::work);
            begun.await();
            admission.submit(this::work);
            assertThat(admission.running()).isEqualTo(1);
            assertThat(admission.waiting()).isEqualTo(1);
            assertThatThrownBy(() -> admission.submit(this::work))
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.status()).isEqualTo(429))
                    .hasMessageContaining("1 requests run and 1 wait");
            end.countDown();
        }
    }

    @Test
    void withoutAQueueNobodyWaits() throws Exception {
        try (Admission admission = new Admission(1, 0)) {
            admission.submit(this::work);
            assertThatThrownBy(() -> admission.submit(this::work)).isInstanceOf(ApiException.class);
            end.countDown();
        }
    }

    @Test
    void afterTheEndItIsUnavailable() {
        Admission admission = new Admission(1, 1);
        admission.close();
        assertThatThrownBy(() -> admission.submit(this::work))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.status()).isEqualTo(503));
    }
}
