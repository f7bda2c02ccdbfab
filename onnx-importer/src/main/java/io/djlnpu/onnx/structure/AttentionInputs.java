package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Dataflow.Trace;
import io.djlnpu.onnx.structure.Landmark.FusedAttention;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Product;
import io.djlnpu.onnx.structure.Landmark.Projection;
import java.io.IOException;
import java.util.List;

/**
 * Where attention takes its query, key and value from: one fused operator, or two values whose
 * product goes through a softmax and meets a third.
 *
 * @param anchor the fused operator, or the product of query and key
 * @param query the value that is the query
 * @param key the value that is the key, empty if packed into the query
 * @param value the value that is the value, empty if packed into the query
 * @param plumbing what lies between the scores and the weighted sum
 */
public record AttentionInputs(
        OnnxNode anchor, String query, String key, String value, List<OnnxNode> plumbing) {

    /** The attention that feeds a projection, or null if the projection has another source. */
    public static AttentionInputs behind(Projection output, Dataflow flow) throws IOException {
        Trace trace = flow.back(output.input());
        if (!trace.of(Norm.class).isEmpty() || !trace.of(Projection.class).isEmpty()) {
            return null;
        }
        FusedAttention fused = trace.only(FusedAttention.class);
        if (fused != null) {
            OnnxNode node = fused.node();
            return new AttentionInputs(
                    node, node.input(0), node.input(1), node.input(2), List.of());
        }
        Product context = trace.only(Product.class);
        if (context == null) {
            return null;
        }
        Trace probabilities = flow.back(context.node().input(0));
        Product scores = probabilities.only(Product.class);
        if (scores == null || probabilities.operators().noneMatch("Softmax"::equals)) {
            return null;
        }
        return new AttentionInputs(
                scores.node(),
                scores.node().input(0),
                scores.node().input(1),
                context.node().input(1),
                probabilities.plumbing());
    }
}
