package io.djlnpu.onnx.check;

import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxAttribute;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark;
import io.djlnpu.onnx.structure.Landmarks;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * The function that an MLP's gate goes through, told by its values: one operator or a chain of
 * them, whatever the order of its constants.
 *
 * <p><b>Numerics</b>: computed in double at a few points. GELU by tanh and by erf differ by at most
 * 4.8e-4; constants stored in bfloat16 move either by less than 2e-3.
 */
final class GateFunction {

    /** What a gate goes through. */
    enum Kind {
        /** Gemma's own. */
        TANH_GELU,
        /** GELU itself, which that one approximates. */
        ERF_GELU,
        /** {@code x * sigmoid(x)}, of Llama and Qwen. */
        SILU,
        /** Anything else. */
        OTHER
    }

    private static final double[] POINTS = {-3, -2, -1, -0.5, 0, 0.5, 1, 2, 3};
    private static final double TOLERANCE = 4e-3;
    private static final int DEEPEST = 64;

    private final Landmarks landmarks;
    private final GraphIndex index;
    private final Map<String, double[]> known = new HashMap<>();
    private int depth;

    private GateFunction(Landmarks landmarks) {
        this.landmarks = landmarks;
        this.index = landmarks.index();
    }

    /**
     * Recognises the function between a projection and a value.
     *
     * @param value what has gone through it
     * @param landmarks the graph's landmarks; the nearest projection is where the function begins
     * @return the kind; other too where an operator on the way is not one of a real number
     * @throws IOException if a constant is malformed
     */
    static Kind of(String value, Landmarks landmarks) throws IOException {
        double[] found = new GateFunction(landmarks).at(value);
        if (found == null) {
            return Kind.OTHER;
        }
        double fromTanh = distance(found, GateFunction::geluTanh);
        double fromErf = distance(found, GateFunction::geluErf);
        if (distance(found, x -> x * sigmoid(x)) <= TOLERANCE) {
            return Kind.SILU;
        }
        if (!(Math.min(fromTanh, fromErf) <= TOLERANCE)) {
            return Kind.OTHER;
        }
        return fromErf < fromTanh ? Kind.ERF_GELU : Kind.TANH_GELU;
    }

    private static double distance(double[] found, DoubleUnaryOperator function) {
        double largest = 0;
        for (int i = 0; i < POINTS.length; i++) {
            largest = Math.max(largest, Math.abs(found[i] - function.applyAsDouble(POINTS[i])));
        }
        return largest;
    }

    /** A value at every point, or null if it is no function of the projection alone. */
    private double[] at(String value) throws IOException {
        if (known.containsKey(value)) {
            return known.get(value);
        }
        known.put(value, null);
        WeightExpression constant = landmarks.resolver().resolve(value);
        double[] values = null;
        if (constant != null) {
            float[] number = new float[1];
            if (constant.elements() == 1) {
                constant.read(0, 1, 0, 1, number);
                values = map(POINTS, x -> number[0]);
            }
        } else {
            OnnxNode node = index.producer(value);
            if (node != null && ++depth <= DEEPEST) {
                values = made(node);
                depth--;
            }
        }
        known.put(value, values);
        return values;
    }

    private double[] made(OnnxNode node) throws IOException {
        if (landmarks.at(node) instanceof Landmark.Projection) {
            return POINTS;
        }
        String scaled = landmarks.scaledValue(node);
        if (scaled != null) {
            return at(scaled);
        }
        if (ForeignArithmetic.PASSES.contains(node.operator())) {
            return at(node.input(0));
        }
        return switch (node.operator()) {
            case "Add" -> both(node, Double::sum);
            case "Sub" -> both(node, (a, b) -> a - b);
            case "Mul" -> both(node, (a, b) -> a * b);
            case "Div" -> both(node, (a, b) -> a / b);
            case "Pow" -> both(node, Math::pow);
            case "Neg" -> one(node, a -> -a);
            case "Clip" -> clipped(node);
            case "Tanh" -> one(node, Math::tanh);
            case "Erf" -> one(node, GateFunction::erf);
            case "Sigmoid" -> one(node, GateFunction::sigmoid);
            case "Gelu" -> one(node, isTanh(node) ? GateFunction::geluTanh : GateFunction::geluErf);
            case "FastGelu" -> node.input(1).isEmpty() ? one(node, GateFunction::geluTanh) : null;
            case "Swish" -> {
                double alpha = node.real("alpha", 1);
                yield one(node, a -> a * sigmoid(alpha * a));
            }
            case "QuickGelu" -> {
                double alpha = node.real("alpha", 1.702f);
                yield one(node, a -> a * sigmoid(alpha * a));
            }
            default -> null;
        };
    }

    private double[] clipped(OnnxNode node) throws IOException {
        double[] values = at(node.input(0));
        double[] least = node.input(1).isEmpty() ? POINTS : at(node.input(1));
        double[] most = node.input(2).isEmpty() ? POINTS : at(node.input(2));
        if (values == null || least == null || most == null) {
            return null;
        }
        double low = node.input(1).isEmpty() ? node.real("min", -Float.MAX_VALUE) : least[0];
        double high = node.input(2).isEmpty() ? node.real("max", Float.MAX_VALUE) : most[0];
        return map(values, a -> Math.min(Math.max(a, low), high));
    }

    private double[] one(OnnxNode node, DoubleUnaryOperator function) throws IOException {
        double[] values = at(node.input(0));
        return values == null ? null : map(values, function);
    }

    private double[] both(OnnxNode node, DoubleBinaryOperator function) throws IOException {
        double[] left = at(node.input(0));
        double[] right = at(node.input(1));
        if (left == null || right == null) {
            return null;
        }
        double[] values = new double[left.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = function.applyAsDouble(left[i], right[i]);
        }
        return values;
    }

    private static double[] map(double[] values, DoubleUnaryOperator function) {
        double[] mapped = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            mapped[i] = function.applyAsDouble(values[i]);
        }
        return mapped;
    }

    /** ONNX's own operator says how it approximates; ONNX Runtime's of that name does not. */
    private static boolean isTanh(OnnxNode node) {
        OnnxAttribute approximate = node.attributes().get("approximate");
        return approximate != null && approximate.text().equals("tanh");
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double geluTanh(double x) {
        return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    private static double geluErf(double x) {
        return x / 2 * (1 + erf(x / Math.sqrt(2)));
    }

    /** The series of erf, which converges everywhere and quickly where it is asked for. */
    private static double erf(double x) {
        if (Math.abs(x) > 5) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 200 && Math.abs(term) > 1e-17; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }
}
