package io.djlnpu.timing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.tile.Work;
import io.djlnpu.timing.Energy.Boundary;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** What any price in joules must obey. */
class EnergyPropertiesTest {

    private static final EnergyTable TABLE = EnergyTable.KRACKAN;

    @Provide
    static Arbitrary<Work> works() {
        Arbitrary<Long> counts = Arbitraries.longs().between(0, 1L << 50);
        Arbitrary<Double> cycles = Arbitraries.doubles().between(0, 1e15);
        return Combinators.combine(counts, cycles, cycles, counts, counts, counts, counts, counts)
                .as(Work::new);
    }

    /** The work with more of one thing. */
    private static Work more(Work work, int which, long by) {
        return new Work(
                work.macs() + (which == 0 ? by : 0),
                work.matrixCycles(),
                work.vectorCycles() + (which == 1 ? by : 0),
                work.ddrReadBytes() + (which == 2 ? by : 0),
                work.ddrWriteBytes() + (which == 3 ? by : 0),
                work.streamBytes() + (which == 4 ? by : 0),
                work.deliveredBytes() + (which == 5 ? by : 0),
                work.coreBytes() + (which == 6 ? by : 0));
    }

    @Property
    void moreWorkOrTimeNeverCostsLess(
            @ForAll("works") Work work,
            @ForAll @DoubleRange(max = 1e3) double seconds,
            @ForAll @DoubleRange(max = 1e3) double later,
            @ForAll @IntRange(max = 6) int which,
            @ForAll @IntRange(max = 1 << 30) int by,
            @ForAll boolean prefill) {
        Energy before = TABLE.of(work, seconds, prefill);
        for (Energy after :
                new Energy[] {
                    TABLE.of(more(work, which, by), seconds, prefill),
                    TABLE.of(work, seconds + later, prefill)
                }) {
            for (Boundary boundary : Boundary.values()) {
                assertThat(after.joules(boundary)).isGreaterThanOrEqualTo(before.joules(boundary));
            }
        }
    }

    @Property
    void aWiderBoundaryNeverHoldsLess(
            @ForAll("works") Work work,
            @ForAll @DoubleRange(max = 1e3) double seconds,
            @ForAll boolean prefill) {
        Energy energy = TABLE.of(work, seconds, prefill);
        assertThat(energy.joules(Boundary.NPU_AND_MEMORY))
                .isGreaterThanOrEqualTo(energy.joules(Boundary.NPU));
        assertThat(energy.joules(Boundary.PACKAGE))
                .isGreaterThanOrEqualTo(energy.joules(Boundary.NPU_AND_MEMORY));
    }

    @Property
    void idlingCostsItsTimeAndNothingElse(
            @ForAll @DoubleRange(min = 0.01, max = 1e6) double seconds, @ForAll boolean prefill) {
        Energy idle = TABLE.waiting(seconds, prefill);
        assertThat(idle).isEqualTo(TABLE.of(new Work(0, 0, 0, 0, 0, 0, 0, 0), seconds, prefill));
        assertThat(idle.npu() / seconds)
                .isCloseTo(TABLE.leakage().value() + TABLE.idle().value(), within(1e-9));
        assertThat(idle.memory()).isZero();
        assertThat(TABLE.between(seconds, prefill).npu()).isGreaterThanOrEqualTo(idle.npu());
    }
}
