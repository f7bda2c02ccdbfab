package io.djlnpu.timing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.tile.Quantity;
import io.djlnpu.tile.Quantity.Confidence;
import io.djlnpu.tile.Work;
import io.djlnpu.timing.Energy.Boundary;
import java.lang.reflect.RecordComponent;
import org.junit.jupiter.api.Test;

class EnergyTest {

    private static final EnergyTable TABLE = EnergyTable.KRACKAN;

    @Test
    void everyEntrySaysWhatItRestsOn() throws Exception {
        int fitted = 0;
        for (RecordComponent entry : EnergyTable.class.getRecordComponents()) {
            Quantity quantity = (Quantity) entry.getAccessor().invoke(TABLE);
            assertThat(quantity.value()).as(entry.getName()).isPositive();
            assertThat(quantity.source()).as(entry.getName()).isNotBlank();
            fitted += quantity.confidence() == Confidence.FITTED ? 1 : 0;
        }
        // with the four of time, six
        assertThat(fitted).isEqualTo(2);
    }

    @Test
    void countsEachByteWhereItGoes() {
        // 100 bytes in to two cores that each get all, 10 out; 1000 products in the matrix unit
        Work work = new Work(1000, 5, 0, 100, 10, 100, 200, 50);
        Energy energy = TABLE.of(work, 0, false);
        double expected =
                1000 * TABLE.mac().value()
                        + (200 + 10) * TABLE.noc().value()
                        + (100 + 200 + 2 * 10) * TABLE.l2().value()
                        + (200 + 10 + 50) * TABLE.l1().value();
        assertThat(energy.npu()).isCloseTo(1e-12 * expected, within(1e-20));
        assertThat(energy.memory()).isCloseTo(1e-12 * 110 * TABLE.ddr().value(), within(1e-20));
        assertThat(energy.rest()).isZero();
    }

    @Test
    void chargesTimeToLeakageIdlingAndTheRestOfThePackage() {
        Energy second = TABLE.waiting(1, true);
        assertThat(second.npu()).isEqualTo(TABLE.leakage().value() + TABLE.idle().value());
        assertThat(second.joules(Boundary.NPU_AND_MEMORY)).isEqualTo(second.npu());
        assertThat(second.joules(Boundary.PACKAGE))
                .isEqualTo(second.npu() + TABLE.restPrefill().value());
    }

    @Test
    void onlyDecodeHasBarriers() {
        assertThat(TABLE.between(1, true)).isEqualTo(TABLE.waiting(1, true));
        assertThat(TABLE.between(1, false).npu())
                .isCloseTo(TABLE.waiting(1, false).npu() + TABLE.barrier().value(), within(1e-12));
    }
}
