package io.djlnpu.onnx.configuration;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.AttentionBlock;
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
    static double of(AttentionBlock block, int headDim, WeightResolver resolver)
            throws IOException {
        OnnxNode anchor = block.anchor();
        boolean fused =
                !anchor.operator().equals("MatMul") && !anchor.operator().equals("FusedMatMul");
        double product = fused ? 1 : anchor.real("alpha", 1);
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
        float attribute = anchor.real("scale", 0);
        if (fused && (attribute > 0 || product != 1)) {
            // the operator's own scale comes on top, by default that of a head
            double own = 1 / Math.sqrt(headDim);
            return product * (attribute > 0 ? attribute : own);
        }
        return product > 0 && product < 1 ? product : Double.NaN;
    }
}
