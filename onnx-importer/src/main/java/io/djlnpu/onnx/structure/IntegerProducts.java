package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Weights of MatMulInteger and ConvInteger: the integers stand at the operator, their scale behind
 * it, in the Mul after the Cast, multiplied with the scale of the activations.
 */
public final class IntegerProducts {

    private static final int ZERO_POINT_INPUT = 3;

    private final GraphIndex index;
    private final WeightResolver resolver;
    private final Map<OnnxNode, String> scaled = new HashMap<>();
    private final Set<OnnxNode> factors = new HashSet<>();

    public IntegerProducts(GraphIndex index, WeightResolver resolver) {
        this.index = index;
        this.resolver = resolver;
    }

    /** The weight in the shape of the operator's second input, or null without a scale. */
    public WeightExpression weight(OnnxNode node, int axis) throws IOException {
        WeightExpression codes = resolver.resolve(node.input(1));
        WeightExpression scale = codes == null ? null : scale(node);
        if (scale == null) {
            return null;
        }
        WeightExpression zeroPoint = resolver.resolve(node.input(ZERO_POINT_INPUT));
        return resolver.quantized().dequantize(node, codes, scale, zeroPoint, axis, 0);
    }

    /** The value that a node multiplies by the scale of weights found before, or null. */
    public String scaledValue(OnnxNode node) {
        return scaled.get(node);
    }

    /** Whether a node belongs to the scales of weights found before. */
    public boolean isScale(OnnxNode node) {
        return scaled.containsKey(node) || factors.contains(node);
    }

    private WeightExpression scale(OnnxNode node) throws IOException {
        OnnxNode next = node;
        for (int steps = 0; steps < 4; steps++) {
            List<OnnxNode> users = index.consumers(next.output(0));
            if (users.size() != 1) {
                return null;
            }
            OnnxNode user = users.get(0);
            if (user.operator().equals("Mul")) {
                scaled.put(user, next.output(0));
                return factor(user.input(user.input(0).equals(next.output(0)) ? 1 : 0));
            }
            next = user;
        }
        return null;
    }

    private WeightExpression factor(String value) throws IOException {
        WeightExpression direct = resolver.resolve(value);
        OnnxNode product = index.producer(value);
        if (direct != null || product == null || !product.operator().equals("Mul")) {
            return direct;
        }
        factors.add(product);
        WeightExpression left = resolver.resolve(product.input(0));
        return left != null ? left : resolver.resolve(product.input(1));
    }
}
