package io.djlnpu.onnx.gemma3;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.gemma3.ImportReport.Role;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights by Hugging Face's names, with the nodes where they were found.
 *
 * @param weights the weights, in the order in which they were named
 * @param roles the same for people
 */
record NamedWeights(Map<String, WeightExpression> weights, List<Role> roles) {

    NamedWeights() {
        this(new LinkedHashMap<>(), new ArrayList<>());
    }

    /** A weight that the bundle stores in 4 bits: codes may be carried over. */
    void quantized(String name, WeightExpression weight, OnnxNode node) throws IOException {
        put(name, weight, node, weight.affine().isPresent());
    }

    /** A weight that the bundle stores in bf16. */
    void plain(String name, WeightExpression weight, OnnxNode node) {
        put(name, weight, node, false);
    }

    /** Takes over what was named elsewhere. */
    void addAll(NamedWeights others) {
        weights.putAll(others.weights);
        roles.addAll(others.roles);
    }

    private void put(String name, WeightExpression weight, OnnxNode node, boolean carried) {
        weights.put(name, weight);
        roles.add(
                new Role(
                        name,
                        node.label(),
                        node.operator() + " " + weight.bits() + " bits",
                        carried));
    }
}
