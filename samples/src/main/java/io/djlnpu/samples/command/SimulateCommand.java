package io.djlnpu.samples.command;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.djlnpu.simulate.DecoderShape;
import io.djlnpu.simulate.HtmlReport;
import io.djlnpu.simulate.LayerPlayback;
import io.djlnpu.simulate.PublishedReport;
import io.djlnpu.simulate.Simulation;
import io.djlnpu.simulate.Sweep;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.PerfettoTrace;
import io.djlnpu.timing.RunReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
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
            names = "--events",
            description =
                    "with decode: also plays one global layer event by event, stalls included")
    private boolean events;

    @Option(
            names = "--sweep",
            paramLabel = "AXIS",
            description =
                    "what if: columns=4..16, ddr=40..120GB/s, l1=64..128/3KiB (first..last/steps"
                            + " and unit); more than one gives every combination")
    private List<String> sweep = List.of();

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
        if (events && phase != Phase.DECODE) {
            throw new IllegalArgumentException(
                    "--events plays a decoded token; use --phase decode");
        }
        if (!sweep.isEmpty()) {
            List<Sweep.Axis> axes = sweep.stream().map(Sweep.Axis::parse).toList();
            List<Sweep.Point> points = Sweep.over(npu, axes, what -> price(shape, what));
            console.result(Map.of("points", points), out -> print(points, out));
            return 0;
        }
        RunReport report = price(shape, npu);
        if (trace != null) {
            PerfettoTrace.write(LayerPlayback.decode(shape, npu, context).spans(), trace);
        }
        if (html != null) {
            HtmlReport.write(report, shape, npu, html);
        }
        if (events) {
            LayerPlayback played = LayerPlayback.decode(shape, npu, context);
            JsonObject json = new Gson().toJsonTree(report).getAsJsonObject();
            json.add("events", new Gson().toJsonTree(played.kernels()));
            console.result(
                    json,
                    out -> {
                        print(report, out);
                        print(played, out);
                    });
        } else {
            console.result(report, out -> print(report, out));
        }
        return 0;
    }

    private RunReport price(DecoderShape shape, NpuDevice npu) {
        return switch (phase) {
            case PREFILL -> Simulation.prefill(shape, npu, prompt);
            case DECODE -> Simulation.decode(shape, npu, context);
            case IMAGE -> Simulation.image(shape, npu);
        };
    }

    private static void print(List<Sweep.Point> points, PrintWriter out) {
        for (Sweep.Point point : points) {
            StringJoiner settings = new StringJoiner(", ");
            point.settings().forEach((name, value) -> settings.add(name + " " + value));
            RunReport report = point.report();
            out.printf(
                    Locale.ROOT,
                    "%-40s %12.3f ms %10.1f tok/s  %s%n",
                    settings,
                    report.seconds() * 1e3,
                    report.tokensPerSecond(),
                    report.bound());
        }
    }

    private static void print(LayerPlayback played, PrintWriter out) {
        out.println("one global layer, event by event (stalls summed over its tiles):");
        for (LayerPlayback.Kernel kernel : played.kernels()) {
            out.printf(
                    Locale.ROOT,
                    "  %-18s %10.3f us played %10.3f us analytic %10.3f us waiting for input%n",
                    kernel.name(),
                    kernel.seconds() * 1e6,
                    kernel.analyticSeconds() * 1e6,
                    kernel.inputStallSeconds() * 1e6);
        }
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
