package io.djlnpu.simulate;

import io.djlnpu.simulate.SvgChart.Bar;
import io.djlnpu.simulate.SvgChart.Mark;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
     * @param shape the model's sizes, for the plot over contexts
     * @param device the device
     * @param file where to; replaced if it exists
     * @throws IOException if it cannot be written
     */
    public static void write(RunReport run, DecoderShape shape, NpuDevice device, Path file)
            throws IOException {
        Files.writeString(file, html(run, shape, device));
    }

    static String html(RunReport run, DecoderShape shape, NpuDevice device) {
        StringBuilder page = new StringBuilder();
        page.append("<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>")
                .append(SvgChart.escape(run.phase() + " on " + run.device()))
                .append("</title><style>body{font:14px sans-serif;margin:2em;max-width:760px}")
                .append("td,th{padding:2px 10px;text-align:right}</style>");
        title(page, 1, run.phase() + " on " + run.device());
        paragraph(
                page,
                "%d prompt tokens, context %d: %.4f s, %.2f tokens/s, %.3f J (NPU and memory), %.3f"
                        + " GB of DDR; bound by %s.",
                run.prompt(),
                run.context(),
                run.seconds(),
                run.tokensPerSecond(),
                run.joules(),
                run.ddrBytes() / 1e9,
                run.bound());
        title(page, 2, "Time per kernel");
        page.append(
                SvgChart.bars(
                        run.kernels().stream()
                                .map(k -> bar(k, k.seconds(), k.seconds() * 1e3, "ms"))
                                .toList()));
        title(page, 2, "Where DDR bytes go");
        page.append(
                SvgChart.bars(
                        run.kernels().stream()
                                .filter(k -> k.ddrBytes() > 0)
                                .map(k -> bar(k, k.ddrBytes(), k.ddrBytes() / 1e6, "MB"))
                                .toList()));
        title(page, 2, "Roofline");
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
        page.append(SvgChart.roofline(kernels, 2 * device.macsPerSecond(), device.ddr().value()));
        title(page, 2, "Decode over context");
        List<Mark> decode = new ArrayList<>();
        for (int context : CONTEXTS) {
            double rate = Simulation.decode(shape, device, context).tokensPerSecond();
            decode.add(new Mark(String.format(Locale.ROOT, "%.1f", rate), context, rate));
        }
        page.append(SvgChart.line(decode, "tokens in the cache", "tokens/s"));
        published(page);
        return page.append("</html>\n").toString();
    }

    private static Bar bar(KernelCost kernel, double value, double shown, String unit) {
        return new Bar(kernel.name(), value, String.format(Locale.ROOT, "%.3f %s", shown, unit));
    }

    private static void published(StringBuilder page) {
        PublishedReport report = PublishedReport.compare();
        title(page, 2, "Error against the published tables");
        paragraph(
                page,
                "Mean %.1f %%, worst %.1f %% over %d cells; * marks a cell used for calibration.",
                100 * report.meanError(),
                100 * report.worstError(),
                report.points().size());
        page.append(
                SvgChart.bars(
                        report.points().stream()
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
                                                        String.format(
                                                                Locale.ROOT,
                                                                "%+.1f %%",
                                                                100 * p.error())))
                                .toList()));
    }

    private static void title(StringBuilder page, int level, String words) {
        page.append("<h" + level + ">").append(SvgChart.escape(words)).append("</h" + level + ">");
    }

    private static void paragraph(StringBuilder page, String format, Object... values) {
        page.append("<p>")
                .append(SvgChart.escape(String.format(Locale.ROOT, format, values)))
                .append("</p>");
    }
}
