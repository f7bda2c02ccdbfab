package io.djlnpu.onnx.configuration;

import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.AttentionBlock;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The window of an attention: an attribute, or the constant that its mask compares positions with.
 *
 * <p><b>Numerics</b>: {@code key > query - W} and {@code query - key < W} let a query see W keys,
 * itself among them; so does what is hidden by the opposite comparison, or by a lower triangle that
 * starts at the diagonal -W. {@code abs(query - key) < W} lets it see W - 1 on each side of its
 * own.
 *
 * @param keys the window, -1 for an attention that has none, 0 if the graph does not show it
 * @param bothWays whether it spans keys after the query as well
 */
record WindowEvidence(int keys, boolean bothWays) {

    private static final int GLOBAL = -1;
    private static final int UNKNOWN = 0;
    private static final int FARTHEST = 600;
    private static final int DIRECT_INPUTS = 3;

    private static final Set<String> PASSES =
            Set.of("Cast", "Identity", "Unsqueeze", "Squeeze", "Reshape", "Expand");
    private static final Set<String> DEAD_ENDS =
            Set.of("Shape", "Size", "MatMul", "Softmax", "MatMulNBits", "GroupQueryAttention");
    private static final Map<String, String> MIRRORED =
            Map.of(
                    "Less", "Greater",
                    "LessOrEqual", "GreaterOrEqual",
                    "Greater", "Less",
                    "GreaterOrEqual", "LessOrEqual");

    /** Looks at an attention's attributes, else at its mask. */
    static WindowEvidence of(AttentionBlock block, WeightResolver resolver) throws IOException {
        OnnxNode anchor = block.anchor();
        if (anchor.attributes().containsKey("local_window_size")) {
            long stated = anchor.integer("local_window_size", UNKNOWN);
            boolean window = stated > 0 && stated < Integer.MAX_VALUE;
            return new WindowEvidence(window ? (int) stated : GLOBAL, false);
        }
        Mask mask = new Mask(resolver);
        int keys = mask.window(anchor);
        return new WindowEvidence(keys, mask.bothWays);
    }

    private static final class Mask {

        private final GraphIndex index;
        private final WeightResolver resolver;
        private boolean bothWays;

        Mask(WeightResolver resolver) {
            this.index = resolver.index();
            this.resolver = resolver;
        }

        int window(OnnxNode anchor) throws IOException {
            Deque<String> queue = new ArrayDeque<>(maskInputs(anchor));
            Set<String> seen = new HashSet<>();
            int result = UNKNOWN;
            while (!queue.isEmpty() && seen.size() < FARTHEST) {
                String value = queue.poll();
                OnnxNode node = index.producer(value);
                if (node == null || !seen.add(value) || DEAD_ENDS.contains(node.operator())) {
                    continue;
                }
                int window = UNKNOWN;
                if (node.operator().equals("Trilu")) {
                    window = triangle(node);
                    result = result == UNKNOWN ? GLOBAL : result;
                } else if (MIRRORED.containsKey(node.operator())) {
                    window = compared(node);
                    result = result == UNKNOWN ? GLOBAL : result;
                }
                if (window > 1) {
                    return window;
                }
                queue.addAll(node.inputs());
            }
            return result;
        }

        /**
         * What meets the scores on their way to the softmax, or enters a fused operator beside
         * them.
         */
        private List<String> maskInputs(OnnxNode anchor) {
            if (!anchor.operator().endsWith("MatMul")) {
                return anchor.inputs().stream().skip(DIRECT_INPUTS).toList();
            }
            Deque<String> found = new ArrayDeque<>();
            String scores = anchor.output(0);
            for (int steps = 0; steps < 12; steps++) {
                List<OnnxNode> users = index.consumers(scores);
                if (users.size() != 1 || users.get(0).operator().equals("Softmax")) {
                    break;
                }
                String current = scores;
                users.get(0).inputs().stream().filter(v -> !v.equals(current)).forEach(found::add);
                scores = users.get(0).output(0);
            }
            return List.copyOf(found);
        }

        private int triangle(OnnxNode node) throws IOException {
            Long diagonal = scalar(node.input(1));
            boolean lower = node.integer("upper", 1) == 0;
            return lower && diagonal != null && diagonal < 0
                    ? (int) -Math.max(diagonal, -1 << 30)
                    : 0;
        }

        private int compared(OnnxNode node) throws IOException {
            String operator = node.operator();
            int window = beyond(operator, node.input(1));
            window = window > 0 ? window : beyond(MIRRORED.get(operator), node.input(0));
            window = window > 0 ? window : distance(operator, node.input(0), node.input(1));
            return window > 0
                    ? window
                    : distance(MIRRORED.get(operator), node.input(1), node.input(0));
        }

        /** {@code key > query - c}, or hidden where {@code key <= query - c}. */
        private int beyond(String operator, String side) throws IOException {
            OnnxNode node = producer(side);
            if (node == null || !Set.of("Sub", "Add").contains(node.operator())) {
                return UNKNOWN;
            }
            Long constant = scalar(node.input(1));
            if (constant == null) {
                return UNKNOWN;
            }
            long back = node.operator().equals("Sub") ? constant : -constant;
            boolean exclusive = operator.equals("Greater") || operator.equals("LessOrEqual");
            return bounded(exclusive ? back : back + 1);
        }

        /** {@code query - key < c}, or hidden where {@code query - key >= c}. */
        private int distance(String operator, String difference, String limit) throws IOException {
            OnnxNode node = producer(difference);
            Long constant = scalar(limit);
            boolean absolute = node != null && node.operator().equals("Abs");
            if (absolute) {
                node = producer(node.input(0));
            }
            if (node == null || constant == null || !node.operator().equals("Sub")) {
                return UNKNOWN;
            }
            boolean exclusive = operator.equals("Less") || operator.equals("GreaterOrEqual");
            int window = bounded(exclusive ? constant : constant + 1);
            bothWays |= absolute && window > 0;
            return window;
        }

        private static int bounded(long window) {
            return window > 1 && window < 1 << 30 ? (int) window : UNKNOWN;
        }

        private OnnxNode producer(String value) {
            return index.producerBeyond(value, PASSES);
        }

        private Long scalar(String value) throws IOException {
            WeightExpression constant = resolver.resolve(value);
            if (constant == null || constant.elements() != 1) {
                return null;
            }
            resolver.charge(constant, 1);
            return (long) constant.readAll()[0];
        }
    }
}
