package io.djlnpu.onnx.naming;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.report.ImportReport.Role;
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
public record NamedWeights(Map<String, WeightExpression> weights, List<Role> roles) {

    public NamedWeights() {
        this(new LinkedHashMap<>(), new ArrayList<>());
    }

    /** A weight that the bundle stores in 4 bits: codes may be carried over. */
    public void quantized(String name, WeightExpression weight, OnnxNode node) throws IOException {
        put(name, weight, node, weight.affine().isPresent());
    }

    /** A weight that the bundle stores in bf16. */
    public void plain(String name, WeightExpression weight, OnnxNode node) {
        put(name, weight, node, false);
    }

    /** Takes over what was named elsewhere. */
    public void addAll(NamedWeights others) {
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
