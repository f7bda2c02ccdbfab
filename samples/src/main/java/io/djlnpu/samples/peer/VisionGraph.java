package io.djlnpu.samples.peer;

import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.bundle.VisionWeights.LayerNorm;
import io.djlnpu.bundle.VisionWeights.Linear;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A vision tower as an ONNX graph in float32, operator by operator as exporters write it, from
 * {@code pixel_values} to {@code last_hidden_state}.
 */
final class VisionGraph {

    private static final String ONNX = "";
    private static final String MICROSOFT = "com.microsoft";

    private final OnnxFileWriter file;
    private final VisionSpec config;
    private final boolean fusedAttention;
    private final int tokens;
    private final int hidden;

    private VisionGraph(OnnxFileWriter file, VisionSpec config, boolean fusedAttention) {
        this.file = file;
        this.config = config;
        this.fusedAttention = fusedAttention;
        int side = config.imageSize() / config.patchSize();
        tokens = side * side;
        hidden = config.hiddenSize();
    }

    /**
     * Writes the graph.
     *
     * @param fusedAttention whether to use ONNX Runtime's own operator, as its optimiser would
     */
    static void write(VisionWeights weights, boolean fusedAttention, Path onnx) throws IOException {
        try (OnnxFileWriter file = new OnnxFileWriter(onnx, "siglip")) {
            new VisionGraph(file, weights.config(), fusedAttention).tower(weights);
        }
    }

    private void tower(VisionWeights weights) throws IOException {
        int side = config.imageSize();
        int patch = config.patchSize();
        file.input("pixel_values", 1, 3, side, side);
        file.output("last_hidden_state", 1, tokens, hidden);
        if (!fusedAttention) {
            int headDim = hidden / config.heads();
            file.integers("heads_shape", 1, tokens, config.heads(), headDim);
            file.integers("tokens_shape", 1, tokens, hidden);
            file.weight("scale", new float[] {(float) (1 / Math.sqrt(headDim))}, 1);
        }
        file.integers("patches_shape", 1, hidden, tokens);
        String x =
                file.node(
                        ONNX,
                        "Conv",
                        "patches",
                        Map.of(
                                "kernel_shape", new long[] {patch, patch},
                                "strides", new long[] {patch, patch}),
                        "pixel_values",
                        file.weight("patch.weight", weights.patchWeight(), hidden, 3, patch, patch),
                        file.weight("patch.bias", weights.patchBias(), hidden));
        x = node("Reshape", "patches.flat", x, "patches_shape");
        x = transpose("patches.tokens", x, 0, 2, 1);
        String positions = file.weight("positions", weights.positions(), tokens, hidden);
        x = node("Add", "embedded", x, positions);
        for (int i = 0; i < weights.layers().size(); i++) {
            x = layer("layer" + i + ".", weights.layers().get(i), x);
        }
        norm("last_hidden_state", weights.postNorm(), x);
    }

    private String layer(String prefix, VisionWeights.Layer layer, String x) throws IOException {
        String normed = norm(prefix + "norm1", layer.attentionNorm(), x);
        String query = linear(prefix + "query", layer.query(), normed);
        String key = linear(prefix + "key", layer.key(), normed);
        String value = linear(prefix + "value", layer.value(), normed);
        String attended =
                fusedAttention
                        ? file.node(
                                MICROSOFT,
                                "MultiHeadAttention",
                                prefix + "attended",
                                Map.of("num_heads", (long) config.heads()),
                                query,
                                key,
                                value)
                        : attend(prefix, query, key, value);
        String y = linear(prefix + "output", layer.output(), attended);
        y = node("Add", prefix + "sum1", x, y);
        normed = norm(prefix + "norm2", layer.mlpNorm(), y);
        String mlp = linear(prefix + "first", layer.first(), normed);
        mlp = file.node(ONNX, "Gelu", prefix + "gelu", Map.of("approximate", (Object) "tanh"), mlp);
        mlp = linear(prefix + "second", layer.second(), mlp);
        return node("Add", prefix + "sum2", y, mlp);
    }

    private String attend(String prefix, String query, String key, String value) {
        String q = transpose(prefix + "q", node("Reshape", prefix + "q4", query, "heads_shape"));
        String k =
                transpose(
                        prefix + "k",
                        node("Reshape", prefix + "k4", key, "heads_shape"),
                        0,
                        2,
                        3,
                        1);
        String v = transpose(prefix + "v", node("Reshape", prefix + "v4", value, "heads_shape"));
        String scores = node("MatMul", prefix + "products", q, k);
        scores = node("Mul", prefix + "scores", scores, "scale");
        scores = file.node(ONNX, "Softmax", prefix + "weights", Map.of("axis", -1L), scores);
        String y = transpose(prefix + "y", node("MatMul", prefix + "y4", scores, v));
        return node("Reshape", prefix + "attended", y, "tokens_shape");
    }

    private String linear(String name, Linear linear, String x) throws IOException {
        int rows = linear.weight().rows();
        int columns = linear.weight().columns();
        float[] values = new float[rows * columns];
        linear.weight().readRows(0, rows, values);
        float[] transposed = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            transposed[i % columns * rows + i / columns] = values[i];
        }
        String weight = file.weight(name + ".weight", transposed, columns, rows);
        String product = node("MatMul", name + ".product", x, weight);
        return node("Add", name, product, file.weight(name + ".bias", linear.bias(), rows));
    }

    private String norm(String name, LayerNorm norm, String x) throws IOException {
        return file.node(
                ONNX,
                "LayerNormalization",
                name,
                Map.of("epsilon", config.layerNormEpsilon()),
                x,
                file.weight(name + ".weight", norm.weight(), hidden),
                file.weight(name + ".bias", norm.bias(), hidden));
    }

    private String transpose(String name, String x, long... order) {
        long[] permutation = order.length == 0 ? new long[] {0, 2, 1, 3} : order;
        return file.node(ONNX, "Transpose", name, Map.of("perm", permutation), x);
    }

    private String node(String operator, String output, String... inputs) {
        return file.node(ONNX, operator, output, Map.of(), inputs);
    }
}
