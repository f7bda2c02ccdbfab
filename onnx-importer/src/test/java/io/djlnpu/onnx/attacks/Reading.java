package io.djlnpu.onnx.attacks;

import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxTensor;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.io.IOException;
import java.nio.file.Path;

/** Everything that can be asked of a file. */
final class Reading {

    private Reading() {}

    /** The file as a graph: every constant, wherever it lies. */
    static void graph(Path file) throws IOException {
        try (OnnxModel model = OnnxModel.open(file)) {
            model.dataFiles();
            for (OnnxTensor tensor : model.graph().initializers().values()) {
                tensor.floats();
                tensor.integers();
            }
            for (OnnxNode node : model.graph().nodes()) {
                for (var attribute : node.attributes().values()) {
                    if (attribute.tensor() != null) {
                        attribute.tensor().floats();
                    }
                }
            }
        }
    }

    /** The file or folder as a Gemma 3: every weight in both forms. */
    static void model(Path path) throws IOException {
        try (OnnxDecoder model = OnnxDecoder.open(path)) {
            model.sourceFiles();
            for (String name : model.names()) {
                var matrix = model.matrix(name);
                int rows = Math.min(matrix.rows(), 4);
                int columns = matrix.columns();
                int groups = Math.ceilDiv(columns, 32);
                matrix.readRows(matrix.rows() - rows, rows, new float[rows * columns]);
                if (matrix.affine().isPresent()) {
                    matrix.affine()
                            .get()
                            .readRows(
                                    0,
                                    rows,
                                    new byte[rows * columns],
                                    new float[rows * groups],
                                    new float[rows * groups]);
                }
            }
        }
    }
}
