package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;

    @Test
    void comesNearThePublishedTables() {
        PublishedReport report = PublishedReport.compare();
        assertThat(report.points()).hasSize(26);
        assertThat(report.points().stream().filter(PublishedReport.Point::calibrated).count())
                .isLessThanOrEqualTo(4);
        assertThat(report.meanError()).isCloseTo(0.030, within(0.002));
        assertThat(report.worstError()).isCloseTo(0.133, within(0.002));
        assertThat(report.image().published()).isEqualTo(2.6);
        assertThat(report.image().error()).isCloseTo(0.17, within(0.01));
    }

    @Test
    void timeNeverFallsWhenThereIsMoreToDo() {
        for (DecoderSpec shape : List.of(PublishedModels.GEMMA3_1B, PublishedModels.GEMMA3_4B)) {
            double decode = 0;
            double prefill = 0;
            for (int tokens = 1; tokens < 100_000; tokens = tokens * 3 / 2 + 1) {
                double nextDecode = Simulation.decode(shape, DEVICE, tokens).seconds();
                double nextPrefill = Simulation.prefill(shape, DEVICE, tokens).seconds();
                assertThat(nextDecode).isGreaterThanOrEqualTo(decode);
                assertThat(nextPrefill).isGreaterThanOrEqualTo(prefill);
                decode = nextDecode;
                prefill = nextPrefill;
            }
        }
    }

    @Test
    void halfTheMemoryBandwidthAtMostDoublesTheTime() {
        NpuDevice slow = DEVICE.withDdr(DEVICE.ddr().assume(DEVICE.ddr().value() / 2));
        for (int tokens : new int[] {1, 100, 4096, 32768}) {
            RunReport before = Simulation.decode(PublishedModels.GEMMA3_4B, DEVICE, tokens);
            RunReport after = Simulation.decode(PublishedModels.GEMMA3_4B, slow, tokens);
            assertThat(after.seconds()).isBetween(before.seconds(), 2 * before.seconds());
            before = Simulation.prefill(PublishedModels.GEMMA3_4B, DEVICE, tokens);
            after = Simulation.prefill(PublishedModels.GEMMA3_4B, slow, tokens);
            assertThat(after.seconds()).isBetween(before.seconds(), 2 * before.seconds());
        }
    }

    @Test
    void accountsForEveryByteAndNeverExceedsARate() {
        RunReport report = Simulation.decode(PublishedModels.GEMMA3_1B, DEVICE, 1024);
        assertThat(report.kernels().stream().mapToLong(KernelCost::ddrBytes).sum())
                .isEqualTo(report.ddrBytes());
        // weights of 26 layers and the head at 5 bits, columns padded to 256, as the format stores
        // them
        assertThat(report.ddrBytes()).isBetween(678_000_000L, 700_000_000L);
        for (KernelCost cost : report.kernels()) {
            assertThat((double) cost.ddrBytes())
                    .isLessThanOrEqualTo(cost.seconds() * DEVICE.ddr().value() * 1.000001);
            assertThat(cost.flops() / 2.0)
                    .isLessThanOrEqualTo(cost.seconds() * DEVICE.macsPerSecond() * 1.000001);
        }
    }

    /**
     * Norms, rotation and gate have cores of their own in decode only if there are some to spare.
     */
    @Test
    void halfTheCoresKeepUpWithTheWeightsOfDecode() {
        NpuDevice half = DEVICE.with(NpuDevice.Parameter.ROWS, 2);
        for (DecoderSpec shape : List.of(PublishedModels.GEMMA3_1B, PublishedModels.GEMMA3_4B)) {
            for (int context : new int[] {1, 1024, 32768}) {
                double all = Simulation.decode(shape, DEVICE, context).seconds();
                double some = Simulation.decode(shape, half, context).seconds();
                assertThat(some / all).isBetween(0.99, 1.01);
            }
        }
    }

    /** What is fitted from 1,024 tokens on would charge a token for a whole reconfiguration. */
    @Test
    void aPromptOfFewTokensCostsNoMoreThanDecodingThem() {
        DecoderSpec shape = PublishedModels.GEMMA3_4B;
        double token = Simulation.decode(shape, DEVICE, 32_001).seconds();
        Simulation npu = new Simulation(shape, DEVICE);
        assertThat(npu.price(new RequestShape(32_001, 32_000, 1, 0)).seconds())
                .isCloseTo(token, within(1e-9));
        double before = 0;
        boolean together = false;
        for (int tokens = 1; tokens <= 64; tokens++) {
            RunReport prompt = Simulation.prefill(shape, DEVICE, tokens);
            assertThat(prompt.seconds())
                    .isGreaterThan(before)
                    .isLessThanOrEqualTo(
                            tokens * Simulation.decode(shape, DEVICE, tokens).seconds());
            boolean isTiled =
                    prompt.kernels().stream().anyMatch(k -> k.name().equals("TiledMatmul"));
            assertThat(isTiled || !together).isTrue();
            together = isTiled;
            before = prompt.seconds();
        }
        assertThat(together).isTrue();
    }

    @Test
    void aRequestCostsItsPromptAndItsTokens() {
        DecoderSpec shape = PublishedModels.GEMMA3_1B;
        double expected = Simulation.prefill(shape, DEVICE, 100).seconds();
        for (int i = 1; i < 50; i++) {
            expected += Simulation.decode(shape, DEVICE, 100 + i).seconds();
        }
        double actual = Simulation.request(shape, DEVICE, 100, 50).seconds();
        assertThat(actual / expected).isBetween(0.99, 1.01);
        assertThatThrownBy(() -> Simulation.prefill(shape, DEVICE, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
