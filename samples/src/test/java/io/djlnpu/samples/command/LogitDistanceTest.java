package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LogitDistanceTest {

    @Test
    void aShiftOfAllLogitsChangesNothing() {
        LogitDistance distance = new LogitDistance();
        distance.add(new float[] {1, 2, 3}, new float[] {101, 102, 103});
        assertThat(distance.divergence()).isCloseTo(0, within(1e-12));
        assertThat(distance.agreement()).isEqualTo(1);
    }

    @Test
    void meansOverPositionsAreByHand() {
        LogitDistance distance = new LogitDistance();
        // p = (1/2, 1/2), q = (3/4, 1/4): KL = 1/2 ln(2/3) + 1/2 ln 2 = ln(2 / sqrt 3)
        distance.add(new float[] {0, 0}, new float[] {(float) Math.log(3), 0});
        distance.add(new float[] {0, 1}, new float[] {1, 0});
        double second = (Math.E - 1) / (Math.E + 1);
        assertThat(distance.divergence())
                .isCloseTo((Math.log(2 / Math.sqrt(3)) + second) / 2, within(1e-6));
        assertThat(distance.agreement()).isEqualTo(0.5);
    }

    @Test
    void vocabulariesMustMatch() {
        assertThatThrownBy(() -> new LogitDistance().add(new float[2], new float[3]))
                .hasMessageContaining("2 and 3");
    }
}
