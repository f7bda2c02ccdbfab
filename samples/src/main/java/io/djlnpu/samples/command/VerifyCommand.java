package io.djlnpu.samples.command;

import io.djlnpu.bundle.BundleComparison;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.ModelSource;
import io.djlnpu.bundle.Verifier;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.source.ModelSources;
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

    @Option(
            names = "--text",
            paramLabel = "F",
            description =
                    "with --against: a text, UTF-8, on which predictions are compared, instead of the"
                            + " built-in one")
    private Path text;

    @Option(
            names = "--context",
            paramLabel = "N",
            description =
                    "with --text: tokens of a window, its <bos> included (default:"
                            + " ${DEFAULT-VALUE})")
    private int context = 256;

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
            Double perplexity,
            Double sourcePerplexity,
            Integer tokens,
            List<String> notes) {}

    @Override
    int run(Console console) throws IOException {
        if (text != null && source == null) {
            throw misuse("--text compares with a source; give --against too");
        }
        if (context < 2) {
            throw misuse("expected --context of at least 2");
        }
        String words = text == null ? null : TextFile.read(text);
        if (words != null && words.isBlank()) {
            throw new IllegalArgumentException(text + ": no text to compare on; it is empty");
        }
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
            try (ModelSource original = ModelSources.open(source)) {
                notes.addAll(original.warnings());
                Progress comparing = console.busy("comparing weights");
                try (comparing;
                        ModelBundle open = ModelBundle.open(bundle)) {
                    tensors = BundleComparison.compare(open, original);
                }
                if (original instanceof OnnxDecoder onnx) {
                    distance =
                            SourceComparison.predictions(
                                    bundle, onnx, words, context, common.threads, console, notes);
                }
            }
        }
        Result result =
                new Result(
                        problems.isEmpty(),
                        problems,
                        tensors,
                        distance.map(LogitDistance::divergence).orElse(null),
                        distance.map(LogitDistance::agreement).orElse(null),
                        distance.map(LogitDistance::perplexity).orElse(null),
                        distance.map(LogitDistance::referencePerplexity).orElse(null),
                        distance.map(LogitDistance::scored).orElse(null),
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
                    "predictions beside ONNX Runtime on the source, %d tokens in windows of %d with a"
                            + " <bos> each: KL %.5f, same best token in %.1f %%, perplexity %.4f,"
                            + " the source's %.4f (%+.2f %%)%n",
                    result.tokens(),
                    context,
                    result.kl(),
                    100 * result.top1(),
                    result.perplexity(),
                    result.sourcePerplexity(),
                    100 * (result.perplexity() / result.sourcePerplexity() - 1));
        }
    }
}
