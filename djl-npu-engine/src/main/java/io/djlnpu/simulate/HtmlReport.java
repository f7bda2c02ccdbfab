package io.djlnpu.simulate;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.simulate.SvgChart.Bar;
import io.djlnpu.simulate.SvgPlot.Line;
import io.djlnpu.simulate.SvgPlot.Mark;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.Energy.Boundary;
import io.djlnpu.timing.EnergyTable;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A run's cost as one HTML file that loads nothing: numbers, plots and the published tables. */
public final class HtmlReport {

    private static final int[] CONTEXTS = {1, 1024, 4096, 8192, 16384, 32768};

    private HtmlReport() {}

    /**
     * Writes a report.
     *
     * @param run what is reported
     * @param plans the plans of a layer
     * @param shape the model's sizes, for the plot over contexts
     * @param device the device
     * @param file where to; replaced if it exists
     * @throws IOException if it cannot be written
     */
    public static void write(
            RunReport run, List<DataflowPlan> plans, DecoderSpec shape, NpuDevice device, Path file)
            throws IOException {
        Files.writeString(file, html(run, plans, shape, device));
    }

    static String html(
            RunReport run, List<DataflowPlan> plans, DecoderSpec shape, NpuDevice device) {
        Page page = new Page(run.phase() + " on " + run.device());
        page.paragraph(
                "%d prompt tokens, context %d: %.4f s, %.2f tokens/s, %.3f GB of DDR; bound by"
                        + " %s.",
                run.prompt(),
                run.context(),
                run.seconds(),
                run.tokensPerSecond(),
                run.ddrBytes() / 1e9,
                run.bound());
        page.title(2, "Time per kernel")
                .chart(kernelBars(run, KernelCost::seconds, 1e3, "ms"))
                .title(2, "Where DDR bytes go")
                .chart(kernelBars(run, KernelCost::ddrBytes, 1, "B"));
        roofline(page, run, device);
        energy(page, run);
        energyTable(page);
        overContexts(page, shape, device);
        plans(page, plans, device);
        published(page);
        return page.toString();
    }

    private interface Measure {
        double of(KernelCost kernel);
    }

    private static String kernelBars(RunReport run, Measure measure, double factor, String unit) {
        return SvgChart.bars(
                run.kernels().stream()
                        .filter(kernel -> measure.of(kernel) > 0)
                        .sorted(Comparator.comparingDouble(measure::of).reversed())
                        .map(
                                kernel ->
                                        new Bar(
                                                kernel.name(),
                                                measure.of(kernel),
                                                text(factor * measure.of(kernel), unit)))
                        .toList());
    }

    private static String text(double value, String unit) {
        return unit.equals("B") ? Axis.number(value) + unit : Page.number("%.3f " + unit, value);
    }

    private static void roofline(Page page, RunReport run, NpuDevice device) {
        List<Mark> kernels =
                run.kernels().stream()
                        .filter(k -> k.ddrBytes() > 0 && k.flops() > 0)
                        .map(
                                k ->
                                        new Mark(
                                                k.name(),
                                                (double) k.flops() / k.ddrBytes(),
                                                k.flops() / k.seconds()))
                        .toList();
        page.title(2, "Roofline")
                .paragraph(
                        "The lines are the memory's %sB/s and the matrix units' %sop/s. A kernel"
                                + " whose operands stay in the mem tiles has no DDR bytes and no"
                                + " point.",
                        Axis.number(device.ddr().value()), Axis.number(2 * device.macsPerSecond()))
                .chart(SvgPlot.roofline(kernels, 2 * device.macsPerSecond(), device.ddr().value()));
    }

    private static void energy(Page page, RunReport run) {
        double tokens = run.seconds() * run.tokensPerSecond();
        List<List<String>> rows = new ArrayList<>();
        for (Boundary boundary : Boundary.values()) {
            double joules = run.energy().joules(boundary);
            rows.add(
                    List.of(
                            boundary.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                            Page.number("%.4f", joules),
                            Page.number("%.3f", 1e3 * joules / tokens),
                            Page.number("%.2f", joules / run.seconds())));
        }
        page.title(2, "Energy")
                .table(List.of("boundary", "J", "mJ a token", "W"), rows)
                .paragraph("By kernel, NPU and memory:")
                .chart(kernelBars(run, k -> k.energy().joules(Boundary.NPU_AND_MEMORY), 1e3, "mJ"));
    }

    private static void energyTable(Page page) {
        page.paragraph("What it rests on, krackan's figures for whatever device:")
                .table(
                        List.of("entry", "value", "confidence", "source"),
                        EnergyTable.KRACKAN.entries().entrySet().stream()
                                .map(
                                        entry ->
                                                List.of(
                                                        entry.getKey(),
                                                        Page.number(
                                                                "%.3g", entry.getValue().value()),
                                                        entry.getValue().confidence().toString(),
                                                        entry.getValue().source()))
                                .toList());
    }

    private static void overContexts(Page page, DecoderSpec shape, NpuDevice device) {
        List<Mark> marks = new ArrayList<>();
        for (int context : CONTEXTS) {
            double rate = Simulation.decode(shape, device, context).tokensPerSecond();
            marks.add(new Mark(Page.number("%.1f", rate), context, rate));
        }
        page.title(2, "Decode over context")
                .chart(
                        SvgPlot.lines(
                                List.of(new Line("", marks)), "tokens in the cache", "tokens/s"));
    }

    private static void plans(Page page, List<DataflowPlan> plans, NpuDevice device) {
        List<List<String>> rows =
                plans.stream()
                        .map(
                                plan ->
                                        List.of(
                                                plan.kernel(),
                                                Integer.toString(
                                                        plan.shares().size()
                                                                * plan.tilesPerShare()),
                                                percent(
                                                        plan.demand().l1Bytes(),
                                                        device.geometry().l1Bytes()),
                                                percent(
                                                        plan.demand().l2Bytes(),
                                                        device.geometry().l2Bytes()),
                                                plan.fits()
                                                        ? plan.reason()
                                                        : String.join("; ", plan.misfits())))
                        .toList();
        page.title(2, "Plans of a layer")
                .table(List.of("kernel", "tiles", "L1", "L2", "why"), rows);
    }

    private static String percent(long part, long whole) {
        return Page.number("%.0f %%", 100.0 * part / whole);
    }

    private static void published(Page page) {
        PublishedReport report = PublishedReport.compare();
        page.title(2, "Error against the published tables")
                .paragraph(
                        "Gemma 3: mean %.1f %%, worst %.1f %% over %d cells; * marks a cell used"
                                + " for calibration.",
                        100 * report.meanError(), 100 * report.worstError(), report.points().size())
                .chart(errors(report.points()))
                .paragraph(
                        "An image and a short prompt to the first token, 4B: published %.1f s,"
                                + " predicted %.1f s.",
                        report.image().published(), report.image().predicted())
                .paragraph("Published powers, of the paper and of an encoder on an HX 370:")
                .table(
                        List.of("model", "phase", "published W", "W", "error", "boundary"),
                        report.power().stream().map(HtmlReport::row).toList())
                .paragraph(
                        "Other models on the same machine, none fitted: mean %.1f %%, worst %.1f"
                                + " %% over %d cells.",
                        100 * report.othersMeanError(),
                        100 * report.othersWorstError(),
                        report.others().size())
                .chart(errors(report.others()));
    }

    private static List<String> row(PublishedReport.Power power) {
        return List.of(
                power.model(),
                power.phase(),
                Page.number("%.1f", power.published()),
                Page.number("%.2f", power.predicted()),
                Page.number("%+.0f %%", 100 * power.error()),
                power.rails());
    }

    private static String errors(List<PublishedReport.Point> points) {
        return SvgChart.bars(
                points.stream()
                        .map(
                                p ->
                                        new Bar(
                                                p.model()
                                                        + " "
                                                        + p.phase()
                                                        + " "
                                                        + p.context()
                                                        + (p.calibrated() ? " *" : ""),
                                                p.error(),
                                                Page.number("%+.1f %%", 100 * p.error())))
                        .toList());
    }
}
