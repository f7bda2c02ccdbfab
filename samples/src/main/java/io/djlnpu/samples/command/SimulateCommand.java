package io.djlnpu.samples.command;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.simulate.HtmlReport;
import io.djlnpu.simulate.Playback;
import io.djlnpu.simulate.PublishedReport;
import io.djlnpu.simulate.Simulation;
import io.djlnpu.simulate.Simulation.Phase;
import io.djlnpu.simulate.Sweep;
import io.djlnpu.simulate.SweepPage;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.DeviceFile;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.PerfettoTrace;
import io.djlnpu.timing.RunReport;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a run costs on the NPU, by the analytic model of the device. */
@Command(
        name = "simulate",
        description =
                "Prices a run on the NPU: time, energy, bytes, and what it waits for. --published"
                        + " shows published tables beside the model's.")
public final class SimulateCommand extends NpuCommand {

    @ArgGroup(multiplicity = "1")
    private Subject subject;

    @Option(
            names = "--device",
            paramLabel = "D",
            description =
                    "krackan, strix, strix-halo, or a file that --write-device made (default:"
                            + " ${DEFAULT-VALUE})")
    private String device = "krackan";

    @Option(
            names = "--phase",
            paramLabel = "P",
            description =
                    "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); an image is priced up to"
                            + " the first token, with 20 tokens of text beside it")
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
                    "also plays every different layer of the run, and the head, event by event,"
                            + " stalls included")
    private boolean events;

    @Option(
            names = "--plans",
            description =
                    "also shows a layer's plans: what each kernel takes of the tiles, and why it"
                            + " is cut as it is")
    private boolean plans;

    @Option(
            names = "--sweep",
            paramLabel = "AXIS",
            description =
                    "what if: columns=4..16, ddr=40..120GB/s, l1=64..128/3KiB (first..last/steps"
                            + " and unit); more than one gives every combination; --html plots it")
    private List<String> sweep = List.of();

    @Option(
            names = "--trace",
            paramLabel = "F",
            description =
                    "plays the run as --events does and writes it for ui.perfetto.dev: Perfetto's"
                            + " own format, or JSON if F ends in .json")
    private Path trace;

    @Option(names = "--html", paramLabel = "F", description = "writes a report with plots")
    private Path html;

    /** Made by picocli. */
    public SimulateCommand() {}

    /** Exactly one of them. */
    private static final class Subject {

        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                description = "bundle or ONNX model")
        private Path model;

        @Option(
                names = "--config",
                paramLabel = "F",
                description = "config.json of any decoder with GQA and a gated MLP")
        private Path config;

        @Option(names = "--published", description = "published tables beside the model's")
        private boolean published;

        @Option(
                names = "--write-device",
                paramLabel = "F",
                description = "writes --device as a JSON file, to change and give back to it")
        private Path writeDevice;
    }

    @Override
    int run(Console console) throws IOException {
        checkUsage(console);
        if (subject.published) {
            PublishedReport report = PublishedReport.compare();
            console.result(report, out -> SimulateText.print(report, out));
            return 0;
        }
        Path file = Path.of(device);
        NpuDevice npu =
                Files.isRegularFile(file)
                        ? DeviceFile.read(file)
                        : usable(() -> NpuDevice.preset(device));
        List<Sweep.Axis> axes = usable(() -> sweep.stream().map(Sweep.Axis::parse).toList());
        if (axes.stream().map(Sweep.Axis::parameter).distinct().count() < axes.size()) {
            throw misuse("--sweep names a parameter twice; give each one all its values at once");
        }
        for (Path output : Arrays.asList(trace, html, subject.writeDevice)) {
            if (output != null) {
                OutputPath.checkFile(output);
            }
        }
        if (subject.writeDevice != null) {
            DeviceFile.write(npu, subject.writeDevice);
            console.result(
                    Map.of("device", npu.name(), "file", subject.writeDevice.toString()),
                    out -> out.println(npu.name() + " in " + subject.writeDevice));
            return 0;
        }
        DecoderSpec shape =
                subject.config != null ? read(subject.config) : ModelConfig.read(subject.model);
        if (axes.isEmpty()) {
            price(shape, npu, console);
        } else {
            sweep(shape, npu, axes, console);
        }
        return 0;
    }

    /** An option that would change nothing is a misunderstanding, which a price would hide. */
    private void checkUsage(Console console) {
        if (prompt < 1 || context < 1) {
            throw misuse(
                    "--prompt %d and --context %d, expected at least 1".formatted(prompt, context));
        }
        if (subject.published) {
            refuse(
                    "--published shows fixed tables",
                    "--events",
                    "--plans",
                    "--sweep",
                    "--trace",
                    "--html");
        }
        if (subject.writeDevice != null) {
            refuse(
                    "--write-device prices nothing",
                    "--events",
                    "--plans",
                    "--sweep",
                    "--trace",
                    "--html");
        }
        if (!sweep.isEmpty()) {
            refuse("--sweep prices many devices, of one run", "--trace", "--events", "--plans");
        }
        // Scripts give both lengths whatever the phase, so these are said and not refused.
        if (phase != Phase.PREFILL && isGiven("--prompt")) {
            console.hint("--prompt changes nothing: it is for --phase prefill");
        }
        if (phase != Phase.DECODE && isGiven("--context")) {
            console.hint("--context changes nothing: it is for --phase decode");
        }
    }

    private static DecoderSpec read(Path config) throws IOException {
        try {
            return Family.priced(config);
        } catch (ModelFormatException | CharacterCodingException e) {
            if (e instanceof CharacterCodingException
                    || e.getCause() instanceof JsonParseException) {
                throw new IOException(
                        config
                                + ": no JSON; expected a model's config.json, as Hugging Face has it",
                        e);
            }
            throw e;
        }
    }

    private void refuse(String because, String... options) {
        for (String option : options) {
            if (isGiven(option)) {
                throw misuse(because + "; leave " + option + " out");
            }
        }
    }

    private void sweep(DecoderSpec shape, NpuDevice npu, List<Sweep.Axis> axes, Console console)
            throws IOException {
        List<Sweep.Point> points = Sweep.over(npu, axes, what -> price(shape, what));
        if (html != null) {
            SweepPage.write(axes, points, html);
        }
        console.result(Map.of("points", points), out -> SimulateText.printSweep(points, out));
    }

    private void price(DecoderSpec shape, NpuDevice npu, Console console) throws IOException {
        RunReport report = price(shape, npu);
        int tokens = phase == Phase.PREFILL ? prompt : context;
        Playback played = events || trace != null ? Playback.of(shape, npu, phase, tokens) : null;
        if (trace != null) {
            PerfettoTrace.write(played.spans(), trace);
        }
        List<DataflowPlan> planned = new Simulation(shape, npu).plans(phase, tokens);
        if (html != null) {
            HtmlReport.write(report, planned, shape, npu, html);
        }
        JsonObject json = new Gson().toJsonTree(report).getAsJsonObject();
        if (events) {
            json.add("events", new Gson().toJsonTree(played.kernels()));
        }
        if (plans) {
            json.add("plans", new Gson().toJsonTree(planned));
        }
        console.result(
                json,
                out -> {
                    SimulateText.print(report, out);
                    if (plans) {
                        SimulateText.printPlans(planned, npu, out);
                    }
                    if (events) {
                        SimulateText.print(played, out);
                    }
                });
    }

    private RunReport price(DecoderSpec shape, NpuDevice npu) {
        return switch (phase) {
            case PREFILL -> Simulation.prefill(shape, npu, prompt);
            case DECODE -> Simulation.decode(shape, npu, context);
            case IMAGE -> Simulation.image(shape, npu);
        };
    }
}
