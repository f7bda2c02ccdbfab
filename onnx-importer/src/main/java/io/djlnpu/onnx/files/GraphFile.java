package io.djlnpu.onnx.files;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxGraph;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxTensor;
import io.djlnpu.onnx.check.Refusals;
import io.djlnpu.onnx.structure.Landmarks;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;

/** One graph of a folder: which part of the model it is, and how precise. */
public final class GraphFile implements AutoCloseable {

    /** What a graph is for. */
    public enum Part {
        DECODER,
        EMBEDDING,
        VISION
    }

    private static final int LARGEST_EMBEDDING = 200;

    /**
     * The most precise first; among equals what can be carried over as it is, then the name
     * decides.
     */
    public static final Comparator<GraphFile> BEST_FIRST =
            Comparator.comparingInt((GraphFile file) -> -file.bits())
                    .thenComparing(GraphFile::hasCodebook)
                    .thenComparing(file -> file.path().toString());

    private final OnnxModel model;
    private final Part part;
    private final int bits;
    private Landmarks landmarks;

    public GraphFile(Path path) throws IOException {
        this.model = OnnxModel.open(path);
        this.part = part(model);
        this.bits = bits(model);
    }

    public OnnxModel model() {
        return model;
    }

    public Path path() {
        return model.path();
    }

    public Part part() {
        return part;
    }

    /** Whether matrices are codes of a table of values, which no scale and offset can express. */
    public boolean hasCodebook() {
        return model.graph().nodes().stream().anyMatch(n -> n.operator().equals("MatMulBnb4"));
    }

    /** Bits of the least precise matrices. */
    public int bits() {
        return bits;
    }

    public Landmarks landmarks() throws IOException {
        if (landmarks == null) {
            GraphIndex index = new GraphIndex(model.file(), model.graph());
            landmarks = new Landmarks(index, new WeightResolver(index));
            if (part != Part.DECODER && !landmarks.unreadable().isEmpty()) {
                throw new ModelFormatException(
                        Code.UNSUPPORTED_ENCODING,
                        model.file()
                                + ": cannot be read:\n  - "
                                + String.join("\n  - ", landmarks.unreadable()));
            }
        }
        return landmarks;
    }

    private static Part part(OnnxModel model) {
        // names only settle what operators leave open: linear layers may be written as Conv
        OnnxGraph graph = model.graph();
        if (graph.inputs().stream().anyMatch(input -> input.name().equals("pixel_values"))) {
            return Part.VISION;
        }
        boolean decodes =
                graph.inputs().stream().anyMatch(input -> input.name().startsWith("past_"))
                        || graph.outputs().stream().anyMatch(o -> o.name().equals("logits"));
        if (decodes) {
            return Part.DECODER;
        }
        boolean sees = false;
        boolean attends = false;
        for (OnnxNode node : model.graph().nodes()) {
            sees |= node.operator().startsWith("Conv");
            attends |= attends(node);
        }
        if (sees) {
            return Part.VISION;
        }
        boolean small = model.graph().nodes().size() <= LARGEST_EMBEDDING;
        return attends || !small ? Part.DECODER : Part.EMBEDDING;
    }

    /** A branch or a compiled blob may hold what the graph itself does not show. */
    private static boolean attends(OnnxNode node) {
        return Refusals.ATTENTION.contains(node.operator())
                || node.operator().equals("EPContext")
                || node.attributes().values().stream()
                        .flatMap(attribute -> attribute.graphs().stream())
                        .anyMatch(graph -> graph.nodes().stream().anyMatch(GraphFile::attends));
    }

    private static int bits(OnnxModel model) {
        int least = 32;
        for (OnnxNode node : model.graph().nodes()) {
            least =
                    Math.min(
                            least,
                            switch (node.operator()) {
                                case "MatMulNBits" -> (int) node.integer("bits", 4);
                                case "MatMulBnb4" -> 4;
                                case "MatMulInteger", "QLinearMatMul" -> 8;
                                default -> 32;
                            });
        }
        for (OnnxTensor tensor : model.graph().initializers().values()) {
            boolean isMatrix = tensor.shape().length == 2 && tensor.elements() > 1024;
            if (isMatrix) {
                least = Math.min(least, tensor.type().bits());
            }
        }
        return least;
    }

    @Override
    public void close() {
        model.close();
    }
}
