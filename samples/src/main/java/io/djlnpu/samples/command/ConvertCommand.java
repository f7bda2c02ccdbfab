package io.djlnpu.samples.command;

import com.google.gson.JsonObject;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleReport;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Importance;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.ModelSource;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.encode.LayerwiseConversion;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.source.ModelSources;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Turns an ONNX model or a checkpoint into a bundle folder. */
@Command(
        name = "convert",
        description =
                "Turns an ONNX model or a checkpoint into a bundle folder. Leaves either what was there or the whole"
                        + " new bundle.")
public final class ConvertCommand extends NpuCommand {

    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "ONNX file, ONNX folder or folder of a Hugging Face checkpoint")
    private Path source;

    @Parameters(index = "1", paramLabel = "TARGET", description = "bundle folder to be")
    private Path target;

    @Option(
            names = "--encoding",
            paramLabel = "E",
            description =
                    "how float weights become 4 bits: ${COMPLETION-CANDIDATES} (default:"
                            + " ${DEFAULT-VALUE})")
    private Encoding encoding = Encoding.SEARCH;

    @Option(
            names = "--importance",
            paramLabel = "F",
            description = "what errors cost, from calibrate; for the search of float weights")
    private Path importance;

    @Option(
            names = "--calibration",
            paramLabel = "F",
            description =
                    "text, UTF-8, that errors are measured on (default: one that comes with npu)")
    private Path calibration;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "tokens of the calibration text (default: 4096, best: 8192)")
    private Integer tokens;

    @Option(names = "--force", description = "replace TARGET if it is a bundle")
    private boolean force;

    @Option(
            names = "--config",
            paramLabel = "F",
            description = "the model's config.json, if it does not lie beside the graph")
    private Path config;

    /** Made by picocli. */
    public ConvertCommand() {}

    /** The JSON result. */
    private record Result(
            String bundle,
            String dialect,
            JsonObject config,
            double seconds,
            long bytesRead,
            long bytesWritten,
            List<BundleReport.Tensor> tensors,
            List<String> warnings) {}

    @Override
    int run(Console console) throws IOException {
        if (importance != null && encoding != Encoding.SEARCH) {
            throw misuse("--importance guides the search; leave --encoding " + encoding + " out");
        }
        if ((calibration != null || tokens != null)
                && (!encoding.weighsColumns() || importance != null)) {
            throw misuse(
                    "--calibration and --tokens are for the search and for BEST, which measure");
        }
        if (tokens != null && tokens < 2) {
            throw misuse("expected --tokens of at least 2");
        }
        if (ModelBundle.isBundle(source)) {
            throw new IllegalArgumentException(
                    source + ": a bundle already; give it to --model of any command as it is");
        }
        if (Files.exists(target) && !force) {
            throw new IllegalArgumentException(
                    target
                            + ": exists already; choose another TARGET, or --force if a bundle there"
                            + " is to be replaced");
        }
        OutputPath.checkFolder(target);
        long start = System.nanoTime();
        try (ModelSource model = open();
                Progress progress = console.progressOfBytes("converting")) {
            long bytesRead =
                    bytesRead(model); // before the target may replace what it was read from
            BundleOptions options =
                    new BundleOptions(
                            encoding,
                            measured(model.config()),
                            force,
                            model.companionFiles(),
                            common.threads,
                            (tensor, done, total) -> progress.update(done, total));
            BundleReport report = write(model, options);
            Result result =
                    new Result(
                            report.bundle().toString(),
                            dialect(model),
                            Inspection.json(model.config()),
                            (System.nanoTime() - start) / 1e9,
                            bytesRead,
                            report.bytesWritten(),
                            report.tensors(),
                            notes(model, report));
            if (!common.json) {
                result.warnings().forEach(warning -> console.hint("note: " + warning));
            }
            console.result(result, out -> print(result, out));
            return 0;
        }
    }

    private ModelSource open() throws IOException {
        return config == null ? ModelSources.open(source) : OnnxDecoder.open(source, config);
    }

    private static String dialect(ModelSource model) {
        return model instanceof OnnxDecoder onnx
                ? onnx.report().dialect()
                : "Hugging Face checkpoint";
    }

    private BundleReport write(ModelSource model, BundleOptions options) throws IOException {
        TidyExit atExit = new TidyExit();
        try (atExit) {
            boolean layerwise =
                    encoding.weighsColumns()
                            && importance == null
                            && model.companionFiles().containsKey(Tokenizer.FILE);
            if (!layerwise) {
                return BundleWriter.write(model, target, options);
            }
            Optional<String> text =
                    calibration == null
                            ? Optional.empty()
                            : Optional.of(TextFile.read(calibration));
            return new LayerwiseConversion(model, target, options).write(text, tokens());
        }
    }

    private int tokens() {
        return tokens != null ? tokens : encoding == Encoding.BEST ? 8192 : 4096;
    }

    private Optional<Importance> measured(DecoderSpec config) throws IOException {
        if (importance == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Importance.read(importance, config));
        } catch (ModelFormatException e) {
            throw new IOException(
                    e.getMessage() + " (npu calibrate MODEL --text TEXT -o FILE makes one)", e);
        }
    }

    private List<String> notes(ModelSource model, BundleReport report) {
        List<String> notes = new ArrayList<>(model.warnings());
        long carried = report.tensors().stream().filter(BundleReport.Tensor::carried).count();
        long matrices =
                TensorLayout.text(model.config()).stream().filter(TensorLayout::quantized).count();
        if (importance != null && carried == matrices) {
            notes.add("the importance changed nothing: every matrix was 4-bit and is carried over");
        }
        if (encoding.weighsColumns()
                && importance == null
                && !model.companionFiles().containsKey(Tokenizer.FILE)) {
            notes.add(
                    "no tokenizer, so no text to measure errors on: all columns count the same; the"
                            + " predictions are better with one");
        }
        if (!model.companionFiles().containsKey(Tokenizer.FILE)) {
            notes.add(
                    "no "
                            + Tokenizer.FILE
                            + " beside the source: the bundle runs on token ids only; copy it from"
                            + " where the model came from into the bundle");
        }
        return notes;
    }

    /** Graphs, data and configuration; the tokenizer is only copied. */
    private static long bytesRead(ModelSource model) throws IOException {
        long bytes = 0;
        for (Path file : model.sourceFiles()) {
            if (!model.companionFiles().containsValue(file)) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    private static void print(Result result, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%s: %s, %d tensors, %.1f MB read, %.1f MB written in %.1f s%n",
                result.bundle(),
                result.dialect(),
                result.tensors().size(),
                result.bytesRead() / 1e6,
                result.bytesWritten() / 1e6,
                result.seconds());
        long carried = result.tensors().stream().filter(BundleReport.Tensor::carried).count();
        BundleReport.Tensor worst =
                result.tensors().stream()
                        .max((a, b) -> Double.compare(a.maxError(), b.maxError()))
                        .orElseThrow();
        out.printf(
                Locale.ROOT,
                "%d tensors carried over as they were; largest error %.2g in %s%n",
                carried,
                worst.maxError(),
                worst.name());
    }
}
