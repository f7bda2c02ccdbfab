package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import org.junit.jupiter.api.Test;

class HtmlReportTest {

    @Test
    void showsEveryKernelAndCellAndLoadsNothing() {
        RunReport run = Simulation.prefill(DecoderShape.GEMMA3_4B, NpuDevice.KRACKAN, 1024);
        String html = HtmlReport.html(run, DecoderShape.GEMMA3_4B, NpuDevice.KRACKAN);
        assertThat(html.split("<svg ", -1)).hasSize(6);
        assertThat(html).doesNotContain("NaN", "Infinity", "src=", "href=", "<script", "@import");
        for (KernelCost kernel : run.kernels()) {
            assertThat(html).contains(">" + kernel.name() + "<");
        }
        for (PublishedReport.Point point : PublishedReport.compare().points()) {
            String label = point.model() + " " + point.phase() + " " + point.context();
            assertThat(html).contains(">" + label + (point.calibrated() ? " *" : "") + "<");
        }
    }
}
