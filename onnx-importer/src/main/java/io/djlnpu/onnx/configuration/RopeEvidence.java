package io.djlnpu.onnx.configuration;

import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.AttentionBlock;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * A rotary embedding, read from what a graph rotates with.
 *
 * <p><b>Numerics</b>: the angle of pair j at position 1 is {@code base^(-2j/D) / factor}; pair 0
 * gives the factor, a pair in the middle the base, both rounded to the number that they are closest
 * to within one percent. What is no such sequence may be Llama 3's, see {@link FrequencyFit}.
 *
 * @param rope base and scaling
 * @param positions rows of the cosine table, 0 if there is only a vector of frequencies
 */
record RopeEvidence(RopeSpec rope, int positions) {

    double base() {
        return rope.theta();
    }

    /** What all angles are divided by. */
    double factor() {
        return rope.linearFactor();
    }

    private static final int FARTHEST = 400;

    /** Looks through an attention's rotary plumbing; null if nothing was recognised. */
    static RopeEvidence of(AttentionBlock block, int headDim, WeightResolver resolver)
            throws IOException {
        int half = headDim / 2;
        Set<String> seen = new HashSet<>();
        Deque<String> queue = new ArrayDeque<>();
        block.anchor().inputs().stream().skip(7).forEach(queue::add);
        for (OnnxNode node : block.plumbing()) {
            queue.addAll(node.inputs());
        }
        WeightExpression cosine = null;
        WeightExpression sine = null;
        while (!queue.isEmpty() && seen.size() < FARTHEST) {
            String value = queue.poll();
            if (value.isEmpty() || !seen.add(value)) {
                continue;
            }
            WeightExpression constant = resolver.resolve(value);
            if (constant == null) {
                OnnxNode node = resolver.index().producer(value);
                if (node != null && isRotary(node)) {
                    queue.addAll(node.inputs());
                }
                continue;
            }
            if (constant.elements() == half) {
                resolver.charge(constant, half);
                RopeEvidence frequencies = ofFrequencies(constant.readAll());
                if (frequencies != null) {
                    return frequencies;
                }
            }
            boolean isTable =
                    constant.rows() > 1
                            && (constant.columns() == half || constant.columns() == 2 * half);
            resolver.charge(constant, isTable ? 4L * half : 0);
            if (isTable && startsWith(constant, 1)) {
                cosine = constant;
            } else if (isTable && startsWith(constant, 0)) {
                sine = constant;
            }
            if (cosine != null && sine != null) {
                return ofTables(cosine, sine, half);
            }
        }
        return null;
    }

    private static boolean isRotary(OnnxNode node) {
        return Set.of(
                        "Cos",
                        "Sin",
                        "Cast",
                        "Concat",
                        "Expand",
                        "MatMul",
                        "Mul",
                        "Transpose",
                        "Unsqueeze",
                        "Gather",
                        "Reshape",
                        "Slice",
                        "RotaryEmbedding",
                        "Identity")
                .contains(node.operator());
    }

    private static boolean startsWith(WeightExpression table, float value) throws IOException {
        float[] row = new float[table.columns()];
        table.read(0, 1, 0, row.length, row);
        for (float element : row) {
            if (element != value) {
                return false;
            }
        }
        return true;
    }

    private static RopeEvidence ofTables(WeightExpression cosine, WeightExpression sine, int half)
            throws IOException {
        float[] cos = new float[half];
        float[] sin = new float[half];
        cosine.read(1, 1, 0, half, cos);
        sine.read(1, 1, 0, half, sin);
        double[] angles = new double[half];
        for (int j = 0; j < half; j++) {
            angles[j] = Math.atan2(sin[j], cos[j]);
        }
        return of(angles, cosine.rows());
    }

    private static RopeEvidence ofFrequencies(float[] values) {
        double[] angles = new double[values.length];
        for (int j = 0; j < values.length; j++) {
            angles[j] = values[j];
        }
        return of(angles, 0);
    }

    private static RopeEvidence of(double[] angles, int positions) {
        RopeSpec rope = FrequencyFit.of(angles);
        return rope == null ? null : new RopeEvidence(rope, positions);
    }

    /** Rounds to some significant digits, if that changes less than one percent. */
    static double round(double value, int digits) {
        double unit = Math.pow(10, Math.floor(Math.log10(Math.abs(value))) + 1 - digits);
        double rounded = Math.rint(value / unit) * unit;
        return Math.abs(rounded / value - 1) < 0.01 ? rounded : value;
    }
}
