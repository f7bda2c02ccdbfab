package io.djlnpu.samples.command;

import io.djlnpu.simulate.DecoderShape;
import io.djlnpu.simulate.HtmlReport;
import io.djlnpu.simulate.LayerPlayback;
import io.djlnpu.simulate.PublishedReport;
import io.djlnpu.simulate.Simulation;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.PerfettoTrace;
import io.djlnpu.timing.RunReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a run costs on the NPU, by the analytic model of the device. */
@Command(
        name = "simulate",
        description =
                "Prices a run on the NPU: time, energy, bytes, and what it waits for. --published"
                        + " shows the paper's tables beside the model's.")
public final class SimulateCommand extends NpuCommand {

    /** What is priced. */
    private enum Phase {
        PREFILL,
        DECODE,
        IMAGE
    }

    @ArgGroup(multiplicity = "1")
    private Subject subject;

    @Option(
            names = "--device",
            paramLabel = "D",
            description = "krackan, strix or strix-halo (default: ${DEFAULT-VALUE})")
    private String device = "krackan";

    @Option(
            names = "--phase",
            paramLabel = "P",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Phase phase = Phase.DECODE;

    @Option(
            names = "--prompt",
            paramLabel = "N",
            description = "tokens of the prompt, for prefill (default: ${DEFAULT-VALUE})")
    private int prompt = 1024;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "tokens in the cache, for decode (default: ${DEFAULT-VALUE})")
    private int context = 1024;

    @Option(
            names = "--trace",
            paramLabel = "F",
            description = "plays one decoder layer of a token and writes it for ui.perfetto.dev")
    private Path trace;

    @Option(names = "--html", paramLabel = "F", description = "writes a report with plots")
    private Path html;

    /** Made by picocli. */
    public SimulateCommand() {}

    /** Exactly one of them. */
    private static final class Subject {

        @Option(names = "--model", paramLabel = "MODEL", description = "bundle or ONNX model")
        private Path model;

        @Option(
                names = "--config",
                paramLabel = "F",
                description = "config.json of any decoder with GQA and a gated MLP")
        private Path config;

        @Option(names = "--published", description = "the paper's tables beside the model's")
        private boolean published;
    }

    @Override
    int run(Console console) throws IOException {
        if (subject.published) {
            PublishedReport report = PublishedReport.compare();
            console.result(report, out -> print(report, out));
            return 0;
        }
        DecoderShape shape =
                subject.config != null
                        ? DecoderShape.read(subject.config)
                        : ModelConfig.read(subject.model);
        NpuDevice npu = NpuDevice.preset(device);
        RunReport report =
                switch (phase) {
                    case PREFILL -> Simulation.prefill(shape, npu, prompt);
                    case DECODE -> Simulation.decode(shape, npu, context);
                    case IMAGE -> Simulation.image(shape, npu);
                };
        if (trace != null) {
            PerfettoTrace.write(LayerPlayback.decode(shape, npu, context).spans(), trace);
        }
        if (html != null) {
            HtmlReport.write(report, shape, npu, html);
        }
        console.result(report, out -> print(report, out));
        return 0;
    }

    private static void print(RunReport report, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%s on %s: %.3f ms, %.1f tok/s, %.3f mJ a token, %.1f MB over DDR, bound by %s%n",
                report.phase(),
                report.device(),
                report.seconds() * 1e3,
                report.tokensPerSecond(),
                report.joulesPerToken() * 1e3,
                report.ddrBytes() / 1e6,
                report.bound());
        for (KernelCost kernel : report.kernels()) {
            out.printf(
                    Locale.ROOT,
                    "  %-18s %8d calls %10.3f ms %10.2f MB %10.2f GFLOP  %s%n",
                    kernel.name(),
                    kernel.calls(),
                    kernel.seconds() * 1e3,
                    kernel.ddrBytes() / 1e6,
                    kernel.flops() / 1e9,
                    kernel.bound());
        }
    }

    private static void print(PublishedReport report, PrintWriter out) {
        out.println("model  phase    context  published  predicted   error  calibrated");
        for (PublishedReport.Point point : report.points()) {
            out.printf(
                    Locale.ROOT,
                    "%-6s %-8s %7d %10.2f %10.2f %+6.1f%%  %s%n",
                    point.model(),
                    point.phase(),
                    point.context(),
                    point.published(),
                    point.predicted(),
                    100 * point.error(),
                    point.calibrated() ? "yes" : "");
        }
        out.printf(
                Locale.ROOT,
                "mean error %.1f %%, worst %.1f %%%n",
                100 * report.meanError(),
                100 * report.worstError());
    }
}
