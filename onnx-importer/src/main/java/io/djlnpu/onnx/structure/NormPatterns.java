package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** The forms in which exporters write a norm, fused or in single steps. */
final class NormPatterns {

    private static final Set<String> PASSES = Set.of("Cast", "Identity");
    private static final Set<String> ROOTS = Set.of("Sqrt", "Rsqrt", "Reciprocal", "Pow");

    private final GraphIndex index;
    private final WeightResolver resolver;

    NormPatterns(GraphIndex index, WeightResolver resolver) {
        this.index = index;
        this.resolver = resolver;
    }

    /** The norm that ends at a node, or null. */
    Norm match(OnnxNode node) throws IOException {
        return switch (node.operator()) {
            case "SimplifiedLayerNormalization", "RMSNormalization", "LayerNormalization" ->
                    fused(node, 1, List.of(node.input(0)));
            case "SkipSimplifiedLayerNormalization", "SkipLayerNormalization" ->
                    fused(node, 2, List.of(node.input(0), node.input(1)));
            case "Mul" -> multiplied(node);
            default -> null;
        };
    }

    private Norm fused(OnnxNode node, int weightInput, List<String> inputs) throws IOException {
        WeightExpression weight = resolver.resolve(node.input(weightInput));
        if (weight == null) {
            return null;
        }
        WeightExpression bias = null;
        if (node.operator().equals("LayerNormalization")
                || node.operator().equals("SkipLayerNormalization")) {
            bias = resolver.resolve(node.input(weightInput + 1));
        }
        return new Norm(node, weight, bias, inputs, node.real("epsilon", 1e-5f));
    }

    /** Weight times x / sqrt(mean(x^2) + epsilon), in whatever order of single steps. */
    private Norm multiplied(OnnxNode node) throws IOException {
        for (int side = 0; side < 2; side++) {
            WeightExpression weight = resolver.resolve(node.input(side));
            String other = node.input(1 - side);
            boolean isVector = weight != null && weight.rows() == 1 && weight.columns() > 1;
            if (!isVector || resolver.resolve(other) != null) {
                continue;
            }
            OnnxNode normalised = producer(other);
            if (normalised == null) {
                continue;
            }
            if (normalised.operator().equals("LpNormalization")) {
                // x / |x| lacks the factor sqrt(n), which its exporter multiplies into the weight
                WeightExpression scaled = weight.scaled((float) (1 / Math.sqrt(weight.columns())));
                return new Norm(node, scaled, null, List.of(normalised.input(0)), Float.NaN);
            }
            for (int divisor = 0; divisor < 2; divisor++) {
                OnnxNode root = root(normalised, divisor);
                if (root != null) {
                    String x = normalised.input(1 - divisor);
                    return new Norm(node, weight, null, List.of(x), epsilon(root));
                }
            }
        }
        return null;
    }

    /** The root in x / root, or in x * (1 / root) either way around. */
    private OnnxNode root(OnnxNode normalised, int side) {
        boolean divides = normalised.operator().equals("Div") && side == 1;
        return divides || normalised.operator().equals("Mul")
                ? rootAt(normalised.input(side))
                : null;
    }

    private OnnxNode rootAt(String value) {
        OnnxNode node = producer(value);
        if (node == null) {
            return null;
        }
        if (node.operator().equals("Div")) {
            node = producer(node.input(1));
        }
        return node != null && ROOTS.contains(node.operator()) ? node : null;
    }

    private float epsilon(OnnxNode root) throws IOException {
        OnnxNode node = root;
        for (int steps = 0; steps < 4 && node != null; steps++) {
            if (node.operator().equals("Add")) {
                for (String input : node.inputs()) {
                    WeightExpression constant = resolver.resolve(input);
                    if (constant != null && constant.elements() == 1) {
                        return constant.readAll()[0];
                    }
                }
            }
            node = producer(node.input(0));
        }
        return Float.NaN;
    }

    private OnnxNode producer(String value) {
        return index.producerBeyond(value, PASSES);
    }
}
