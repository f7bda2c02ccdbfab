package io.djlnpu.onnx.gemma3;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.Set;

/**
 * The attention scale: an attribute, or the product of the constants that queries and keys meet.
 */
final class ScaleEvidence {

    private static final Set<String> MULTIPLICATIONS = Set.of("Mul", "Div");

    private ScaleEvidence() {}

    /** The scale, or NaN if the graph does not show it. */
    static double of(AttentionBlock block, WeightResolver resolver) throws IOException {
        float attribute = block.anchor().real("scale", 0);
        if (attribute > 0) {
            return attribute;
        }
        if (!block.anchor().operator().equals("MatMul")) {
            return Double.NaN;
        }
        double product = 1;
        for (OnnxNode node : block.plumbing()) {
            if (!MULTIPLICATIONS.contains(node.operator())) {
                continue;
            }
            for (int side = 0; side < 2; side++) {
                WeightExpression constant = resolver.resolve(node.input(side));
                if (constant != null && constant.elements() == 1) {
                    float value = constant.readAll()[0];
                    product *= node.operator().equals("Div") ? 1 / value : value;
                }
            }
        }
        return product > 0 && product < 1 ? product : Double.NaN;
    }
}
