package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.Overheads;
import io.djlnpu.tile.Quantity;
import io.djlnpu.tile.Quantity.Confidence;
import org.junit.jupiter.api.Test;

/** The fitted constants of time are the solution of four equations, one a calibrated cell. */
class CalibrationTest {

    private static final DecoderShape ONE = DecoderShape.GEMMA3_1B;
    private static final DecoderShape FOUR = DecoderShape.GEMMA3_4B;
    private static final int SHORT = 1024;
    private static final int LONG = 32768;

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
    private static double beyond(DecoderShape shape, int prompt, double published) {
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
                        barriers / (ONE.layers() * ONE.norms().residualNorms()), within(0.0005e-3));
    }

    @Test
    void otherModelsComeOutNearWithoutAFit() {
        PublishedReport report = PublishedReport.compare();
        assertThat(report.others()).hasSize(111).noneMatch(PublishedReport.Point::calibrated);
        assertThat(report.othersMeanError()).isLessThan(0.12);
    }
}
