package io.djlnpu.onnx.vision;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.weight.WeightExpression;

/**
 * One encoder layer of the vision tower.
 *
 * @param attentionNorm the LayerNorm before attention
 * @param query linear layer of the query
 * @param key linear layer of the key
 * @param value linear layer of the value
 * @param output linear layer behind attention
 * @param mlpNorm the LayerNorm before the MLP
 * @param first linear layer before the activation
 * @param second linear layer behind the activation
 * @param heads attention heads, 0 if the graph does not show them
 */
record VisionLayer(
        Norm attentionNorm,
        Linear query,
        Linear key,
        Linear value,
        Linear output,
        Norm mlpNorm,
        Linear first,
        Linear second,
        int heads) {

    /**
     * A linear layer.
     *
     * @param node the node that holds the matrix
     * @param weight {@code [outputs, inputs]}
     * @param bias {@code [outputs]}, null if not found
     */
    record Linear(OnnxNode node, WeightExpression weight, WeightExpression bias) {}
}
