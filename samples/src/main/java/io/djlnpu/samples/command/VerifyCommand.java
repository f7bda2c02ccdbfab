package io.djlnpu.samples.command;

import io.djlnpu.bundle.BundleComparison;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.Verifier;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.onnx.gemma3.OnnxDecoder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a bundle by itself, and against the model that it was made from. */
@Command(
        name = "verify",
        description =
                "Checks a bundle: structure, sizes, checksums, finite scales; with --against also how"
                        + " far weights and predictions are from the source.")
public final class VerifyCommand extends NpuCommand {

    @Parameters(paramLabel = "BUNDLE", description = "bundle folder")
    private Path bundle;

    @Option(
            names = "--against",
            paramLabel = "SOURCE",
            description = "the ONNX model that the bundle was made from")
    private Path source;

    /** Made by picocli. */
    public VerifyCommand() {}

    /**
     * The JSON result; what was not asked for or cannot be had is empty or null, and the notes say
     * what else there is to know.
     */
    private record Result(
            boolean valid,
            List<Verifier.Problem> problems,
            List<BundleComparison.TensorError> tensors,
            Double kl,
            Double top1,
            List<String> notes) {}

    @Override
    int run(Console console) throws IOException {
        checkBundle();
        List<Verifier.Problem> problems;
        List<String> notes = new ArrayList<>();
        Progress checking = console.busy("checking");
        try (checking) {
            Map<Boolean, List<Verifier.Problem>> found =
                    Verifier.verify(bundle).stream()
                            .collect(Collectors.partitioningBy(Verifier.Problem::warning));
            found.get(true).forEach(warning -> notes.add(warning.message()));
            problems = found.get(false);
        }
        List<BundleComparison.TensorError> tensors = List.of();
        Optional<LogitDistance> distance = Optional.empty();
        if (source != null && problems.isEmpty()) {
            try (OnnxDecoder original = OnnxDecoder.open(source)) {
                notes.addAll(original.report().warnings());
                Progress comparing = console.busy("comparing weights");
                try (comparing;
                        ModelBundle open = ModelBundle.open(bundle)) {
                    tensors = BundleComparison.compare(open, original);
                }
                distance =
                        SourceComparison.predictions(
                                bundle, original, common.threads, console, notes);
            }
        }
        Result result =
                new Result(
                        problems.isEmpty(),
                        problems,
                        tensors,
                        distance.map(LogitDistance::divergence).orElse(null),
                        distance.map(LogitDistance::agreement).orElse(null),
                        notes);
        if (!common.json) {
            notes.forEach(note -> console.hint("note: " + note));
        }
        console.result(result, out -> print(result, out));
        return result.valid() ? 0 : 1;
    }

    private void checkBundle() throws IOException {
        if (!Files.exists(bundle)) {
            throw new NoSuchFileException(bundle.toString());
        }
        if (!Files.exists(bundle.resolve(ModelBundle.CONFIG_FILE))
                && !ModelBundle.isBundle(bundle)) {
            boolean onnx = BundleCache.isModel(bundle);
            throw new IllegalArgumentException(
                    bundle
                            + (onnx
                                    ? ": an ONNX model, no bundle; run npu convert first"
                                    : ": no bundle, as there is no "
                                            + ModelBundle.WEIGHTS_FILE
                                            + " in it; expected a folder that npu convert made"));
        }
    }

    private void print(Result result, PrintWriter out) {
        result.problems()
                .forEach(problem -> out.println(problem.code() + ": " + problem.message()));
        out.println(bundle + (result.valid() ? ": valid" : ": not valid"));
        result.tensors().stream()
                .max(Comparator.comparingDouble(BundleComparison.TensorError::maxError))
                .ifPresent(
                        worst ->
                                out.printf(
                                        Locale.ROOT,
                                        "%d tensors compared; largest error %.3g in %s (rmse %.3g)%n",
                                        result.tensors().size(),
                                        worst.maxError(),
                                        worst.name(),
                                        worst.rmse()));
        if (result.kl() != null) {
            out.printf(
                    Locale.ROOT,
                    "predictions beside ONNX Runtime on the source: KL %.5f, same best token in"
                            + " %.1f %%%n",
                    result.kl(),
                    100 * result.top1());
        }
    }
}
