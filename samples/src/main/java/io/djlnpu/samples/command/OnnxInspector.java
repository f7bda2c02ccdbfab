package io.djlnpu.samples.command;

import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxTensor;
import io.djlnpu.onnx.gemma3.Gemma3OnnxModel;
import io.djlnpu.onnx.gemma3.ImportReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks into ONNX: every file that the importer chose, or one that is no Gemma 3 as it is. */
final class OnnxInspector {

    private OnnxInspector() {}

    static Inspection inspect(Path path) throws IOException {
        try (Gemma3OnnxModel model = Gemma3OnnxModel.open(path)) {
            ImportReport report = model.report();
            List<Path> files =
                    report.files().stream().map(ImportReport.ChosenFile::path).distinct().toList();
            Contents contents = new Contents();
            for (Path file : files) {
                contents.add(file);
            }
            return new Inspection(
                    "onnx",
                    report.dialect(),
                    report.producer(),
                    Inspection.json(model.config()),
                    contents.bytes,
                    contents.tensors,
                    contents.operators,
                    report.warnings());
        } catch (IOException notGemma) {
            if (!Files.isRegularFile(path)) {
                throw notGemma;
            }
            return plain(path, notGemma);
        }
    }

    /** A readable graph that cannot be imported still has contents to show. */
    private static Inspection plain(Path file, IOException notGemma) throws IOException {
        Contents contents = new Contents();
        String producer = contents.add(file);
        return new Inspection(
                "onnx",
                "not importable",
                producer,
                null,
                contents.bytes,
                contents.tensors,
                contents.operators,
                List.of(notGemma.getMessage()));
    }

    /** Tensors, operators and bytes of several files together. */
    private static final class Contents {

        private final List<Inspection.Tensor> tensors = new ArrayList<>();
        private final Map<String, Integer> operators = new TreeMap<>();
        private long bytes;

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
