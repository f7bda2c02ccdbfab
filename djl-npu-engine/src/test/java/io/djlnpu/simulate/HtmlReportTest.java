package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlReportTest {

    @Test
    void showsEveryKernelAndCellAndLoadsNothing() {
        RunReport run = Simulation.prefill(PublishedModels.GEMMA3_4B, NpuDevice.KRACKAN, 1024);
        List<DataflowPlan> plans =
                new Simulation(PublishedModels.GEMMA3_4B, NpuDevice.KRACKAN)
                        .plans(Simulation.Phase.PREFILL, 1024);
        String html = HtmlReport.html(run, plans, PublishedModels.GEMMA3_4B, NpuDevice.KRACKAN);
        // time, bytes, roofline, energy, contexts, errors of Gemma 3 and of others
        assertThat(html.split("<svg ", -1)).hasSize(8);
        assertThat(html).contains("figures for whatever device");
        plans.forEach(plan -> assertThat(html).contains(SvgChart.escape(plan.reason())));
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
