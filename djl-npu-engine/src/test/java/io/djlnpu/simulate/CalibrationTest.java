package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.Overheads;
import io.djlnpu.tile.Quantity;
import io.djlnpu.tile.Quantity.Confidence;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import org.junit.jupiter.api.Test;

/** The fitted constants of time are the solution of four equations, one a calibrated cell. */
class CalibrationTest {

    private static final DecoderSpec ONE = PublishedModels.GEMMA3_1B;
    private static final DecoderSpec FOUR = PublishedModels.GEMMA3_4B;
    private static final int SHORT = 1024;
    private static final int LONG = 32768;

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;
    private static final NpuDevice BARE = bare();

    private static NpuDevice bare() {
        NpuDevice device = NpuDevice.KRACKAN;
        Quantity nothing = new Quantity(1e-15, Confidence.ASSUMED, "test");
        return new NpuDevice(
                device.name(),
                device.geometry(),
                device.core(),
                device.paths(),
                new Overheads(nothing, nothing, nothing, nothing));
    }

    /** What a first token takes beyond its kernels. */
    private static double beyond(DecoderSpec shape, int prompt, double published) {
        return published - Simulation.prefill(shape, BARE, prompt).seconds();
    }

    @Test
    void theConstantsComeFromTheirCells() {
        Overheads fitted = NpuDevice.KRACKAN.overheads();
        double shortOne = beyond(ONE, SHORT, 0.95);
        double longOne = beyond(ONE, LONG, 17.19);
        double longFour = beyond(FOUR, LONG, 33.5);
        double rowOne = (longOne - shortOne) / (ONE.layers() * (LONG - SHORT));
        double layer = shortOne / ONE.layers() - SHORT * rowOne;
        double row = (longFour / FOUR.layers() - layer) / LONG;
        double barriers = 1 / 41.1 - Simulation.decode(ONE, BARE, SHORT).seconds();
        assertThat(fitted.prefillLayer().value()).isCloseTo(layer, within(0.02e-3));
        assertThat(fitted.prefillRow().value()).isCloseTo(row, within(0.02e-6));
        assertThat(fitted.paddedRow().value()).isCloseTo(rowOne - row, within(0.02e-6));
        assertThat(fitted.decodeBarrier().value())
                .isCloseTo(
                        barriers / (ONE.layers() * ONE.style().norms().count()), within(0.0005e-3));
    }

    @Test
    void otherModelsComeOutNearWithoutAFit() {
        PublishedReport report = PublishedReport.compare();
        assertThat(report.others()).hasSize(111).noneMatch(PublishedReport.Point::calibrated);
        assertThat(report.othersMeanError()).isLessThan(0.085);
        assertThat(report.othersWorstError()).isLessThan(0.30);
    }

    /** Sum of squared logarithms of predicted over published NPU watts, constants shifted. */
    private static double misfit(double idle, double barrier) {
        double sum = 0;
        for (PublishedReport.Power power : PublishedReport.compare().power()) {
            if (power.rails().startsWith("NPU")) {
                double predicted = power.predicted() + idle;
                if (power.phase().equals("decode")) {
                    DecoderSpec shape = power.model().equals("1B") ? ONE : FOUR;
                    predicted += barrier * atBarriers(Simulation.decode(shape, DEVICE, SHORT));
                }
                double miss = Math.log(predicted / power.published());
                sum += miss * miss;
            }
        }
        return sum;
    }

    private static double atBarriers(RunReport token) {
        return token.kernels().stream()
                        .filter(kernel -> kernel.name().equals("LayerBarrier"))
                        .mapToDouble(KernelCost::seconds)
                        .sum()
                / token.seconds();
    }

    @Test
    void theWattsOfTimeAreTheLeastSquaresOfThePublishedPowers() {
        double least = misfit(0, 0);
        for (double[] shift :
                new double[][] {
                    {0.02, 0}, {-0.02, 0}, {0, 0.06}, {0, -0.06}, {0.02, -0.06}, {-0.02, 0.06}
                }) {
            assertThat(misfit(shift[0], shift[1])).isGreaterThan(least);
        }
    }

    @Test
    void publishedPowersComeOutAsFarAsTheyAgreeWithEachOther() {
        for (PublishedReport.Power power : PublishedReport.compare().power()) {
            String what = power.model() + " " + power.phase();
            double most =
                    switch (what) {
                        // 1.1 W for 3 TMAC/s is less than any 4 nm NPU was ever measured at
                        case "4B prefill" -> 0.8;
                        case "encoder image" -> 0.55;
                        default -> 0.12;
                    };
            assertThat(Math.abs(power.error())).as(what + ", " + power.rails()).isLessThan(most);
        }
    }
}
