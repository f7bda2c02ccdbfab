package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.weight.WeightExpression;
import java.util.List;

/** A node that matters to the meaning of the model; everything between landmarks is plumbing. */
public sealed interface Landmark {

    OnnxNode node();

    /** Values that flow into the landmark, constants left out. */
    List<String> inputs();

    /**
     * A linear layer.
     *
     * @param node the node that holds the matrix
     * @param weight {@code [outputs, inputs]}
     * @param input the value that is multiplied
     */
    record Projection(OnnxNode node, WeightExpression weight, String input) implements Landmark {
        @Override
        public List<String> inputs() {
            return List.of(input);
        }
    }

    /**
     * An RMSNorm or LayerNorm.
     *
     * @param node the last node of the norm, where the weight is multiplied
     * @param weight the effective factor: {@code 1 + w} for Gemma
     * @param bias the offset of a LayerNorm, or null
     * @param inputs what is normalised; two values if the residual sum is part of the operator
     * @param epsilon the epsilon, NaN if it was not found
     */
    record Norm(
            OnnxNode node,
            WeightExpression weight,
            WeightExpression bias,
            List<String> inputs,
            float epsilon)
            implements Landmark {}

    /**
     * A row of a table for each id.
     *
     * @param node the node that looks up
     * @param table the table {@code [vocabulary, width]}
     * @param input the ids
     */
    record Lookup(OnnxNode node, WeightExpression table, String input) implements Landmark {
        @Override
        public List<String> inputs() {
            return List.of(input);
        }
    }

    /** An operator that does the whole of attention. */
    record FusedAttention(OnnxNode node) implements Landmark {
        @Override
        public List<String> inputs() {
            return node.inputs();
        }
    }

    /** A product of two values that are not constant: scores, or weighted values. */
    record Product(OnnxNode node) implements Landmark {
        @Override
        public List<String> inputs() {
            return node.inputs();
        }
    }
}
