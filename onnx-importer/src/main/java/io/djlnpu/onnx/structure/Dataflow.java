package io.djlnpu.onnx.structure;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.weight.RowRange;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Walks from a value to the next landmarks, back or forth, through plumbing of any kind.
 *
 * <p>Only data is followed: shapes, indices and the scales of activations are not.
 */
public final class Dataflow {

    private static final Set<String> FIRST_INPUT_ONLY =
            Set.of(
                    "Reshape",
                    "Expand",
                    "Slice",
                    "Unsqueeze",
                    "Squeeze",
                    "Tile",
                    "Split",
                    "Pad",
                    "Gather",
                    "GatherElements",
                    "GatherND",
                    "ReduceMean",
                    "Clip",
                    "TopK",
                    "Cast",
                    "CumSum",
                    "QuantizeLinear",
                    "DequantizeLinear",
                    "RotaryEmbedding");
    private static final Set<String> DEAD_ENDS =
            Set.of("Shape", "Size", "Range", "ConstantOfShape", "NonZero", "EyeLike");

    private final Landmarks landmarks;
    private final GraphIndex index;
    private final WeightResolver resolver;
    private long steps;

    public Dataflow(Landmarks landmarks) {
        this.landmarks = landmarks;
        this.index = landmarks.index();
        this.resolver = landmarks.resolver();
    }

    /** All walks together: real graphs take a hundred thousand steps at most, knotted. */
    private static final long MOST_STEPS = 2_000_000;

    private void step() throws ModelFormatException {
        if (++steps > MOST_STEPS) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    index.file() + ": a graph so knotted that its dataflow cannot be followed");
        }
    }

    /**
     * A landmark that a walk arrived at.
     *
     * @param landmark what
     * @param range the part of its output that was followed, or null for all
     */
    public record Arrival(Landmark landmark, RowRange range) {}

    /** What a walk met: landmarks at its ends, plumbing on its way, inputs and outputs. */
    public record Trace(Set<Arrival> arrivals, List<OnnxNode> plumbing, Set<String> borders) {

        public <T extends Landmark> List<Arrival> of(Class<T> kind) {
            return arrivals.stream().filter(a -> kind.isInstance(a.landmark())).toList();
        }

        /** The only landmark of a kind, or null if there is none or several. */
        public <T extends Landmark> T only(Class<T> kind) {
            List<T> found =
                    arrivals.stream()
                            .map(Arrival::landmark)
                            .filter(kind::isInstance)
                            .map(kind::cast)
                            .distinct()
                            .toList();
            return found.size() == 1 ? found.get(0) : null;
        }

        public Stream<String> operators() {
            return plumbing.stream().map(OnnxNode::operator);
        }
    }

    private record Step(String value, RowRange range) {}

    public Trace back(String start) throws IOException {
        return back(List.of(start));
    }

    public Trace back(List<String> starts) throws IOException {
        Set<Arrival> arrivals = new LinkedHashSet<>();
        List<OnnxNode> plumbing = new ArrayList<>();
        Set<String> borders = new LinkedHashSet<>();
        Set<Step> seen = new HashSet<>();
        Set<OnnxNode> passed = new HashSet<>();
        Deque<Step> queue = new ArrayDeque<>();
        starts.forEach(start -> queue.add(new Step(start, null)));
        while (!queue.isEmpty()) {
            step();
            Step step = queue.poll();
            if (step.value().isEmpty() || !seen.add(step)) {
                continue;
            }
            OnnxNode node = index.producer(step.value());
            if (node == null) {
                if (!index.graph().initializers().containsKey(step.value())) {
                    borders.add(step.value());
                }
                continue;
            }
            Landmark landmark = landmarks.at(node);
            if (landmark != null) {
                arrivals.add(new Arrival(landmark, step.range()));
                continue;
            }
            if (passed.add(node)) {
                plumbing.add(node);
            }
            if (!isDeadEnd(node, step.value())) {
                RowRange range = range(node, step);
                for (String input : dataInputs(node)) {
                    queue.add(new Step(input, range));
                }
            }
        }
        return new Trace(arrivals, plumbing, borders);
    }

    public Trace forward(String start) throws IOException {
        Set<Arrival> arrivals = new LinkedHashSet<>();
        List<OnnxNode> plumbing = new ArrayList<>();
        Set<String> borders = new LinkedHashSet<>();
        Set<String> seen = new HashSet<>();
        Deque<String> queue = new ArrayDeque<>(List.of(start));
        while (!queue.isEmpty()) {
            step();
            String value = queue.poll();
            if (value.isEmpty() || !seen.add(value)) {
                continue;
            }
            if (index.isOutput(value)) {
                borders.add(value);
            }
            for (OnnxNode node : index.consumers(value)) {
                Landmark landmark = landmarks.at(node);
                if (landmark != null) {
                    arrivals.add(new Arrival(landmark, null));
                } else if (!DEAD_ENDS.contains(node.operator())
                        && dataInputs(node).contains(value)) {
                    plumbing.add(node);
                    queue.addAll(node.outputs());
                }
            }
        }
        return new Trace(arrivals, plumbing, borders);
    }

    /**
     * The norm that normalises what one projection gives, and nothing else, before it is added to
     * anything; null if there is none.
     */
    public Norm normOf(Projection projection) throws IOException {
        Norm behind = forward(projection.node().output(0)).only(Norm.class);
        if (behind == null) {
            return null;
        }
        Set<Landmark> sources =
                back(behind.inputs()).arrivals().stream()
                        .map(Arrival::landmark)
                        .collect(Collectors.toSet());
        return sources.equals(Set.of(projection)) ? behind : null;
    }

    /** The values that a plumbing node passes on. */
    public static List<String> dataInputs(OnnxNode node) {
        if (FIRST_INPUT_ONLY.contains(node.operator())) {
            return List.of(node.input(0));
        }
        if (node.operator().equals("Where")) {
            return List.of(node.input(1), node.input(2));
        }
        return node.inputs();
    }

    private static boolean isDeadEnd(OnnxNode node, String output) {
        boolean activationScale =
                node.operator().equals("DynamicQuantizeLinear") && !output.equals(node.output(0));
        return activationScale || DEAD_ENDS.contains(node.operator());
    }

    /** Packed projections are taken apart by a Split or by Slices along the last axis. */
    private RowRange range(OnnxNode node, Step step) throws IOException {
        RowRange own = RowRange.of(node, step.value(), resolver);
        return own == null ? step.range() : own.within(step.range());
    }
}
