package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.weight.WeightExpression;
import java.util.List;

/**
 * Attention of one layer as found in a graph.
 *
 * @param anchor the node in which queries, keys and values have met
 * @param query {@code [heads * headDim, hidden]}
 * @param key {@code [kvHeads * headDim, hidden]}
 * @param value {@code [kvHeads * headDim, hidden]}
 * @param output the projection behind attention
 * @param queryNorm effective weight {@code [headDim]}, or null where heads are not normalised
 * @param keyNorm effective weight {@code [headDim]}, or null likewise
 * @param inputNorm the norm before the projections
 * @param outputNorm the norm behind the output projection, or null if there is none of its own
 * @param projections the nodes that hold query, key and value, in this order
 * @param plumbing what lies between the q/k norms, or the projections, and the anchor: rotary
 *     embedding and scale
 */
public record AttentionBlock(
        OnnxNode anchor,
        WeightExpression query,
        WeightExpression key,
        WeightExpression value,
        Projection output,
        WeightExpression queryNorm,
        WeightExpression keyNorm,
        Norm inputNorm,
        Norm outputNorm,
        List<OnnxNode> projections,
        List<OnnxNode> plumbing) {

    /** Whether queries and keys are normalised head by head. */
    public boolean headNorms() {
        return queryNorm != null;
    }

    /** What a residual stream meets of this block: the norm behind it, or its projection. */
    public Landmark end() {
        return outputNorm != null ? outputNorm : output;
    }

    /** Width of a head as norms or the fused operator show it, or 0. */
    public int headDim() {
        if (queryNorm != null) {
            return queryNorm.columns();
        }
        long heads = anchor.integer("num_heads", 0);
        return heads > 0 && query.rows() % heads == 0 ? (int) (query.rows() / heads) : 0;
    }
}
