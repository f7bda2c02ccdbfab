package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.weight.WeightExpression;
import java.util.List;

/**
 * The gated MLP of one layer as found in a graph.
 *
 * @param gate {@code [intermediate, hidden]}, the half that goes through the activation
 * @param up {@code [intermediate, hidden]}
 * @param down {@code [hidden, intermediate]}
 * @param inputNorm the norm before gate and up
 * @param outputNorm the norm behind down, or null if there is none of its own
 * @param projections the nodes that hold gate and up, in this order
 * @param activation the operator that makes the gate non-linear
 * @param gated the value that is the gate behind its activation
 * @param straight the value that it is multiplied with
 */
public record MlpBlock(
        WeightExpression gate,
        WeightExpression up,
        Projection down,
        Norm inputNorm,
        Norm outputNorm,
        List<OnnxNode> projections,
        String activation,
        String gated,
        String straight) {

    /** What a residual stream meets of this block: the norm behind it, or its projection. */
    public Landmark end() {
        return outputNorm != null ? outputNorm : down;
    }
}
