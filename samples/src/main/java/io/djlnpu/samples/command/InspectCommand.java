package io.djlnpu.samples.command;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.SafetensorsCheckpoint;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what a model file holds, without loading its weights. */
@Command(
        name = "inspect",
        description =
                "Shows what an ONNX file, bundle or .q4nx file holds: dialect, configuration, tensors,"
                        + " sizes, operators.")
public final class InspectCommand extends NpuCommand {

    @Parameters(
            paramLabel = "PATH",
            description = "ONNX file or folder, bundle folder, or .q4nx file")
    private Path path;

    /** Made by picocli. */
    public InspectCommand() {}

    @Override
    int run(Console console) throws IOException {
        Inspection inspection = inspect();
        console.result(inspection, out -> print(inspection, out));
        return 0;
    }

    private Inspection inspect() throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        if (ModelBundle.isBundle(path)) {
            return BundleInspector.bundle(path);
        }
        if (SafetensorsCheckpoint.isCheckpoint(path) && !OnnxDecoder.isOnnxModel(path)) {
            return BundleInspector.checkpoint(path);
        }
        return path.toString().endsWith(".q4nx")
                ? BundleInspector.file(path)
                : OnnxInspector.inspect(path);
    }

    private static void print(Inspection inspection, PrintWriter out) {
        out.println(inspection.kind() + ": " + inspection.dialect());
        if (!inspection.producer().isBlank()) {
            out.println("written by " + inspection.producer());
        }
        out.printf(
                Locale.ROOT,
                "%d tensors, %.1f MB%n",
                inspection.tensors().size(),
                inspection.bytes() / 1e6);
        inspection
                .files()
                .forEach(
                        graph ->
                                out.printf(
                                        Locale.ROOT,
                                        "  %-9s %s, %.1f MB (%s)%n",
                                        graph.part(),
                                        graph.file(),
                                        graph.bytes() / 1e6,
                                        graph.reason()));
        if (inspection.kind().equals("onnx")) {
            out.println(
                    inspection.problems().isEmpty() ? "can be imported" : "cannot be imported:");
            inspection.problems().forEach(problem -> out.println("  " + problem));
        }
        for (String warning : inspection.warnings()) {
            out.println("note: " + warning);
        }
        if (!inspection.settings().isEmpty()) {
            out.println();
            inspection
                    .settings()
                    .forEach(
                            setting ->
                                    out.printf(
                                            Locale.ROOT,
                                            "  %-28s %-24s %s%n",
                                            setting.name(),
                                            setting.value(),
                                            setting.source()));
        } else if (inspection.config() != null) {
            out.println();
            inspection
                    .config()
                    .entrySet()
                    .forEach(
                            entry ->
                                    out.printf(
                                            Locale.ROOT,
                                            "  %-28s %s%n",
                                            entry.getKey(),
                                            entry.getValue()));
        }
        if (!inspection.operators().isEmpty()) {
            out.println();
            inspection.operators().entrySet().stream()
                    .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                    .forEach(
                            entry ->
                                    out.printf(
                                            Locale.ROOT,
                                            "  %6d %s%n",
                                            entry.getValue(),
                                            entry.getKey()));
        }
        out.println();
        for (Inspection.Tensor tensor : inspection.tensors()) {
            out.printf(
                    Locale.ROOT,
                    "  %-56s %-9s %-18s %12d%n",
                    tensor.name(),
                    tensor.type(),
                    tensor.shape(),
                    tensor.bytes());
        }
    }
}
