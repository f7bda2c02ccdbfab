package io.djlnpu.samples.command;

import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxTensor;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.onnx.report.ImportReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Looks into ONNX: every file that the importer chose, or one that is no Gemma 3 as it is. */
final class OnnxInspector {

    private OnnxInspector() {}

    static Inspection inspect(Path path) throws IOException {
        try (OnnxDecoder model = OnnxDecoder.open(path)) {
            ImportReport report = model.report();
            Contents contents = new Contents();
            List<Inspection.Graph> graphs = new ArrayList<>();
            for (ImportReport.ChosenFile file : report.files()) {
                long before = contents.bytes;
                contents.add(file.path());
                graphs.add(
                        new Inspection.Graph(
                                file.path().toString(),
                                file.part(),
                                file.reason(),
                                contents.bytes - before));
            }
            return contents.inspection(
                    report.dialect(),
                    report.producer(),
                    Inspection.json(model.config()),
                    report.warnings(),
                    graphs,
                    report.settings().stream()
                            .map(s -> new Inspection.Setting(s.name(), s.value(), "" + s.source()))
                            .toList(),
                    List.of());
        } catch (ModelFormatException notImportable) {
            return plain(path, notImportable);
        }
    }

    /** Readable graphs that cannot be imported still have contents to show. */
    private static Inspection plain(Path path, ModelFormatException reason) throws IOException {
        Contents contents = new Contents();
        Set<String> producers = new LinkedHashSet<>();
        for (Path file : OnnxDecoder.graphs(path)) {
            producers.add(contents.add(file));
        }
        if (producers.isEmpty()) {
            throw reason;
        }
        return contents.inspection(
                "not importable",
                String.join(", ", producers),
                null,
                List.of(),
                List.of(),
                List.of(),
                reason.getMessage().lines().map(String::strip).toList());
    }

    /** Tensors, operators and bytes of several files together. */
    private static final class Contents {

        private final List<Inspection.Tensor> tensors = new ArrayList<>();
        private final Map<String, Integer> operators = new TreeMap<>();
        private long bytes;

        Inspection inspection(
                String dialect,
                String producer,
                JsonObject config,
                List<String> warnings,
                List<Inspection.Graph> graphs,
                List<Inspection.Setting> settings,
                List<String> problems) {
            return new Inspection(
                    "onnx", dialect, producer, config, bytes, tensors, operators, warnings, graphs,
                    settings, problems);
        }

        String add(Path file) throws IOException {
            try (OnnxModel model = OnnxModel.open(file)) {
                for (OnnxTensor tensor : model.graph().initializers().values()) {
                    tensors.add(
                            new Inspection.Tensor(
                                    tensor.name(),
                                    tensor.type().name(),
                                    Arrays.stream(tensor.shape()).boxed().toList(),
                                    tensor.type().bytes(tensor.elements())));
                }
                for (OnnxNode node : model.graph().nodes()) {
                    operators.merge(node.operator(), 1, Integer::sum);
                }
                bytes += Files.size(file);
                for (Path data : model.dataFiles()) {
                    bytes += Files.size(data);
                }
                return model.producer();
            }
        }
    }
}
