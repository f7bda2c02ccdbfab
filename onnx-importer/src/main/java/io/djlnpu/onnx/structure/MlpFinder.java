package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Dataflow.Arrival;
import io.djlnpu.onnx.structure.Dataflow.Trace;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.weight.RowRange;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Finds gated MLPs: a product of two values of which one went through an activation function. That
 * one is the gate, the other up, and the projection behind the product is down.
 */
final class MlpFinder {

    private static final Set<String> UNARY =
            Set.of(
                    "Cast",
                    "Identity",
                    "Reshape",
                    "Clip",
                    "DynamicQuantizeLinear",
                    "QuantizeLinear",
                    "DequantizeLinear");
    private static final Set<String> ACTIVATIONS =
            Set.of(
                    "Gelu",
                    "FastGelu",
                    "QuickGelu",
                    "BiasGelu",
                    "Tanh",
                    "Erf",
                    "Sigmoid",
                    "Swish",
                    "Relu",
                    "HardSwish");

    private final Dataflow flow;
    private final GraphIndex index;
    private final WeightResolver resolver;

    MlpFinder(Dataflow flow, GraphIndex index, WeightResolver resolver) {
        this.flow = flow;
        this.index = index;
        this.resolver = resolver;
    }

    /** The MLP that a projection ends, or null if it ends none. */
    MlpBlock behind(Projection down) throws IOException {
        OnnxNode product = product(down.input());
        if (product == null) {
            return null;
        }
        Trace left = flow.back(product.input(0));
        Trace right = flow.back(product.input(1));
        String leftActivation = activation(left);
        String rightActivation = activation(right);
        if (leftActivation == null == (rightActivation == null)) {
            return null;
        }
        int gatedInput = leftActivation != null ? 0 : 1;
        Arrival gate = single(gatedInput == 0 ? left : right);
        Arrival up = single(gatedInput == 0 ? right : left);
        if (gate == null || up == null) {
            return null;
        }
        Projection gateProjection = (Projection) gate.landmark();
        return new MlpBlock(
                weight(gate),
                weight(up),
                down,
                flow.back(gateProjection.input()).only(Norm.class),
                flow.normOf(down),
                List.of(gateProjection.node(), up.landmark().node()),
                leftActivation != null ? leftActivation : rightActivation,
                product.input(gatedInput),
                product.input(1 - gatedInput));
    }

    private OnnxNode product(String start) throws IOException {
        OnnxNode node = index.producer(start);
        for (int steps = 0; steps < 16 && node != null; steps++) {
            if (node.operator().equals("Mul")) {
                boolean left = resolver.resolve(node.input(0)) != null;
                boolean right = resolver.resolve(node.input(1)) != null;
                if (!left && !right) {
                    return node;
                }
                node = index.producer(node.input(left ? 1 : 0));
            } else if (UNARY.contains(node.operator())) {
                node = index.producer(node.input(0));
            } else {
                return null;
            }
        }
        return null;
    }

    private static String activation(Trace trace) {
        return trace.operators().filter(ACTIVATIONS::contains).findFirst().orElse(null);
    }

    private static Arrival single(Trace trace) {
        List<Arrival> arrivals = trace.of(Projection.class);
        return arrivals.size() == 1 ? arrivals.get(0) : null;
    }

    private static WeightExpression weight(Arrival arrival) {
        WeightExpression whole = ((Projection) arrival.landmark()).weight();
        RowRange range = arrival.range();
        return range == null ? whole : range.of(whole);
    }
}
