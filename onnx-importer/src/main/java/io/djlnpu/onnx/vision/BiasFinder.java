package io.djlnpu.onnx.vision;

import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.List;

/** Finds the bias of a linear layer, at the operator itself or in what comes right behind it. */
final class BiasFinder {

    private static final int SKIP_NORM_BIAS = 4;
    private static final int MAT_MUL_N_BITS_BIAS = 5;

    private final GraphIndex index;
    private final WeightResolver resolver;

    BiasFinder(GraphIndex index, WeightResolver resolver) {
        this.index = index;
        this.resolver = resolver;
    }

    /** The bias with as many elements as there are outputs, or null. */
    WeightExpression of(OnnxNode node, int outputs) throws IOException {
        int own =
                switch (node.operator()) {
                    case "Gemm", "Conv" -> 2;
                    case "MatMulNBits" -> MAT_MUL_N_BITS_BIAS;
                    default -> -1;
                };
        WeightExpression bias = own < 0 ? null : sized(node.input(own), outputs);
        return bias != null ? bias : behind(node, outputs);
    }

    private WeightExpression behind(OnnxNode node, int outputs) throws IOException {
        OnnxNode next = node;
        for (int steps = 0; steps < 4; steps++) {
            List<OnnxNode> users = index.consumers(next.output(0));
            for (OnnxNode user : users) {
                WeightExpression bias = added(user, next.output(0), outputs);
                if (bias != null) {
                    return bias;
                }
            }
            boolean passes =
                    users.size() == 1
                            && List.of("Cast", "Identity", "Mul", "Reshape")
                                    .contains(users.get(0).operator());
            if (!passes) {
                return null;
            }
            next = users.get(0);
        }
        return null;
    }

    private WeightExpression added(OnnxNode user, String value, int outputs) throws IOException {
        return switch (user.operator()) {
            case "Add" -> sized(user.input(user.input(0).equals(value) ? 1 : 0), outputs);
            case "BiasGelu" -> sized(user.input(1), outputs);
            case "SkipLayerNormalization" -> sized(user.input(SKIP_NORM_BIAS), outputs);
            default -> null;
        };
    }

    private WeightExpression sized(String value, int elements) throws IOException {
        WeightExpression constant = resolver.resolve(value);
        return constant != null && constant.elements() == elements ? constant : null;
    }
}
