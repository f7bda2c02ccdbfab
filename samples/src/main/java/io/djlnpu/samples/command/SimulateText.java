package io.djlnpu.samples.command;

import io.djlnpu.simulate.Playback;
import io.djlnpu.simulate.PublishedReport;
import io.djlnpu.simulate.Sweep;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.NpuDevice.Parameter;
import io.djlnpu.timing.Energy.Boundary;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** Prices as text. */
final class SimulateText {

    private SimulateText() {}

    static void print(RunReport report, PrintWriter out) {
        boolean image = report.phase().equals("image");
        line(
                out,
                "%s on %s: %.3f ms%s, %.1f tok/s%s, %.1f MB over DDR, bound by %s",
                image ? "image with a short text" : report.phase(),
                report.device(),
                report.seconds() * 1e3,
                image ? " to the first token" : "",
                report.tokensPerSecond(),
                image ? " over the prompt of " + report.prompt() : "",
                report.ddrBytes() / 1e6,
                report.bound());
        double npu = report.energy().joules(Boundary.NPU);
        double memory = report.energy().joules(Boundary.NPU_AND_MEMORY);
        double all = report.energy().joules(Boundary.PACKAGE);
        double tokens = report.seconds() * report.tokensPerSecond();
        line(
                out,
                "energy, by krackan's figures: NPU %.4f J, with memory %.4f J, with the package's other rails %.4f J;"
                        + " a token %.2f, %.2f, %.2f mJ",
                npu,
                memory,
                all,
                1e3 * npu / tokens,
                1e3 * memory / tokens,
                1e3 * all / tokens);
        for (KernelCost kernel : report.kernels()) {
            line(
                    out,
                    "  %-18s %8d calls %10.3f ms %10.2f MB %10.2f GFLOP %9.3f mJ  %s",
                    kernel.name(),
                    kernel.calls(),
                    kernel.seconds() * 1e3,
                    kernel.ddrBytes() / 1e6,
                    kernel.flops() / 1e9,
                    1e3 * kernel.energy().joules(report.boundary()),
                    kernel.bound());
        }
    }

    static void printPlans(List<DataflowPlan> plans, NpuDevice device, PrintWriter out) {
        out.println("one layer's plans:");
        for (DataflowPlan plan : plans) {
            line(
                    out,
                    "  %-16s %3d shares of %d tile(s), %6d of %d bytes of L1, %7d of %d of L2 %s",
                    plan.kernel(),
                    plan.shares().size(),
                    plan.tilesPerShare(),
                    plan.demand().l1Bytes(),
                    device.geometry().l1Bytes(),
                    plan.demand().l2Bytes(),
                    device.geometry().l2Bytes(),
                    plan.fits() ? "" : "DOES NOT FIT");
            plan.misfits().forEach(misfit -> out.println("      " + misfit));
            if (!plan.reason().isEmpty()) {
                out.println("      " + plan.reason());
            }
        }
    }

    static void printSweep(List<Sweep.Point> points, PrintWriter out) {
        for (Sweep.Point point : points) {
            StringJoiner settings = new StringJoiner(", ");
            point.settings().forEach((name, value) -> settings.add(setting(name, value)));
            RunReport report = point.report();
            line(
                    out,
                    "%-40s %12.3f ms %10.1f tok/s %10.2f mJ a token  %s",
                    settings,
                    report.seconds() * 1e3,
                    report.tokensPerSecond(),
                    report.joulesPerToken() * 1e3,
                    report.bound());
        }
    }

    /** As {@code --sweep} takes it. */
    private static String setting(Parameter parameter, double value) {
        String name = parameter.toString().toLowerCase(Locale.ROOT) + "=";
        return switch (parameter) {
            case DDR, STREAM -> name + number(value / 1e9) + "GB/s";
            case CLOCK -> name + number(value / 1e9) + "GHz";
            case L1, L2 -> name + number(value / 1024) + "KiB";
            case COLUMNS, ROWS, MACS -> name + number(value);
        };
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value).replaceFirst("\\.?0+$", "");
    }

    static void print(Playback played, PrintWriter out) {
        out.println("event by event, each part once (stalls summed over its tiles):");
        String part = "";
        for (Playback.Kernel kernel : played.kernels()) {
            if (!kernel.part().equals(part)) {
                part = kernel.part();
                line(out, " %s, %d in the run", part, kernel.repeats());
            }
            line(
                    out,
                    "  %-18s %12.3f us played %12.3f us analytic %12.3f us waiting for input"
                            + " %12.3f us for output",
                    kernel.name(),
                    kernel.seconds() * 1e6,
                    kernel.analyticSeconds() * 1e6,
                    kernel.inputStallSeconds() * 1e6,
                    kernel.outputStallSeconds() * 1e6);
        }
        line(
                out,
                " all parts as often as the run has them, without what overlaps between kernels:"
                        + " %.3f ms played, %.3f ms analytic",
                played.seconds() * 1e3,
                played.analyticSeconds() * 1e3);
    }

    static void print(PublishedReport report, PrintWriter out) {
        out.println("Gemma 3 of the paper; prefill in seconds, decode in tokens per second");
        printCells(report.points(), out);
        line(
                out,
                "mean error %.1f %%, worst %.1f %%",
                100 * report.meanError(),
                100 * report.worstError());
        out.println();
        out.println("an image and a short prompt to the first token, seconds");
        printCells(List.of(report.image()), out);
        out.println();
        out.println("powers in watts: published, predicted, error, boundary of the measurement");
        for (PublishedReport.Power power : report.power()) {
            line(
                    out,
                    "%-14s %-8s %7.2f %10.2f %+6.1f%%  %s",
                    power.model(),
                    power.phase(),
                    power.published(),
                    power.predicted(),
                    100 * power.error(),
                    power.rails());
        }
        out.println();
        out.println("energy, by entry");
        report.energyTable()
                .entries()
                .forEach(
                        (name, entry) ->
                                line(
                                        out,
                                        "%-28s %6.3g  %-9s %s",
                                        name,
                                        entry.value(),
                                        entry.confidence(),
                                        entry.source()));
        out.println();
        out.println("other models on the same machine, none fitted; tokens per second");
        printCells(report.others(), out);
        line(
                out,
                "mean error %.1f %%, worst %.1f %%",
                100 * report.othersMeanError(),
                100 * report.othersWorstError());
    }

    private static void printCells(List<PublishedReport.Point> points, PrintWriter out) {
        out.println("model          phase    context  published  predicted   error  calibrated");
        for (PublishedReport.Point point : points) {
            line(
                    out,
                    "%-14s %-8s %7d %10.2f %10.2f %+6.1f%%  %s",
                    point.model(),
                    point.phase(),
                    point.context(),
                    point.published(),
                    point.predicted(),
                    100 * point.error(),
                    point.calibrated() ? "yes" : "");
        }
    }

    private static void line(PrintWriter out, String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
    }
}
