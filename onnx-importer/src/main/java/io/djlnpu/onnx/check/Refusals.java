package io.djlnpu.onnx.check;

import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxAttribute;
import io.djlnpu.onnx.OnnxGraph;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;

/**
 * What makes a graph something else than a Gemma 3 for inference, each reason with the nodes that
 * show it. Names only help to say which other model it is; they never decide.
 */
public final class Refusals {

    private static final Set<String> DOMAINS =
            Set.of(
                    "",
                    "com.microsoft",
                    "ai.onnx.ml",
                    "com.ms.internal.nhwc",
                    "com.microsoft.nchwc");

    /** Operators that every attention has one of. */
    public static final Set<String> ATTENTION =
            Set.of("Softmax", "GroupQueryAttention", "MultiHeadAttention", "Attention");

    private static final int NAMED = 3;

    private final OnnxModel model;
    private final GraphIndex index;
    private final List<String> reasons = new ArrayList<>();

    private Refusals(OnnxModel model, GraphIndex index) {
        this.model = model;
        this.index = index;
    }

    public static List<String> of(OnnxModel model, GraphIndex index) {
        Refusals refusals = new Refusals(model, index);
        refusals.training();
        refusals.branches();
        refusals.softCapping();
        refusals.otherModels();
        refusals.foreignOperators();
        return refusals.reasons;
    }

    private void training() {
        List<OnnxNode> gradients =
                model.graph().nodes().stream()
                        .filter(
                                n ->
                                        n.domain().contains("training")
                                                || n.operator().endsWith("Grad"))
                        .toList();
        if (model.isTrainingModel() || !gradients.isEmpty()) {
            reasons.add(
                    "a graph for training"
                            + labels(gradients)
                            + "; export the model for inference, in evaluation mode");
        }
    }

    /** The merged decoders of old exporters: one branch with a cache, one without. */
    private void branches() {
        for (OnnxNode node : model.graph().nodes()) {
            if (!node.operator().equals("If")) {
                continue;
            }
            List<OnnxGraph> decoders =
                    node.attributes().values().stream()
                            .map(OnnxAttribute::graphs)
                            .flatMap(List::stream)
                            .filter(Refusals::attends)
                            .toList();
            if (!decoders.isEmpty()) {
                reasons.add(
                        node.label()
                                + ": "
                                + decoders.size()
                                + " decoders in one file, of "
                                + String.join(
                                        " and ",
                                        decoders.stream().map(g -> "" + g.nodes().size()).toList())
                                + " nodes, of which a condition takes one; export it without"
                                + " merging (optimum: --no-post-process) and name the one with"
                                + " past");
            }
        }
    }

    private static boolean attends(OnnxGraph graph) {
        return graph.nodes().stream().anyMatch(n -> ATTENTION.contains(n.operator()));
    }

    private void softCapping() {
        List<OnnxNode> capped = new ArrayList<>();
        for (OnnxNode node : model.graph().nodes()) {
            boolean inOperator = node.real("softcap", 0) > 0;
            boolean beforeSoftmax = node.operator().equals("Softmax") && tanhBehind(node.input(0));
            if (inOperator || beforeSoftmax) {
                capped.add(node);
            }
        }
        if (!capped.isEmpty()) {
            reasons.add(
                    "soft-capping of attention"
                            + labels(capped)
                            + ": Gemma 2 does that, Gemma 3 does not");
        }
        for (OnnxValue output : model.graph().outputs()) {
            if (tanhBehind(output.name())) {
                reasons.add(
                        "soft-capping of the output '"
                                + output.name()
                                + "': Gemma 2 and Gemma 3n do that, Gemma 3 does not");
            }
        }
    }

    /** A tanh that is only scaled, cast or masked on its way. */
    private boolean tanhBehind(String start) {
        String value = start;
        for (int steps = 0; steps < 8; steps++) {
            OnnxNode node = index.producer(value);
            if (node == null) {
                return false;
            }
            switch (node.operator()) {
                case "Tanh" -> {
                    return true;
                }
                case "Mul", "Div", "Add", "Cast", "Identity", "Reshape", "Where" -> {
                    String first = node.input(node.operator().equals("Where") ? 1 : 0);
                    value = index.producer(first) == null ? node.input(1) : first;
                }
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    private void otherModels() {
        for (OnnxValue input : model.graph().inputs()) {
            if (input.name().contains("per_layer")) {
                reasons.add(
                        "an input '"
                                + input.name()
                                + "': Gemma 3n feeds every layer, Gemma 3 only the first");
            }
        }
    }

    private void foreignOperators() {
        TreeMap<String, List<OnnxNode>> found = new TreeMap<>();
        for (OnnxNode node : model.graph().nodes()) {
            boolean compiled = node.operator().equals("EPContext");
            if (compiled || !DOMAINS.contains(node.domain())) {
                String name =
                        node.domain().isEmpty()
                                ? node.operator()
                                : node.domain() + "::" + node.operator();
                found.computeIfAbsent(name, key -> new ArrayList<>()).add(node);
            }
        }
        found.forEach(
                (name, nodes) -> {
                    boolean own = model.functions().contains(name);
                    boolean training = name.toLowerCase(Locale.ROOT).contains("training");
                    if (!training) {
                        reasons.add(
                                name
                                        + labels(nodes)
                                        + (own
                                                ? ": a function of the file's own; inline functions"
                                                        + " when exporting"
                                                : ": compiled or made for one device; export it for"
                                                        + " the CPU"));
                    }
                });
    }

    private static String labels(List<OnnxNode> nodes) {
        if (nodes.isEmpty()) {
            return "";
        }
        return " (" + listed(nodes) + ")";
    }

    /** The first few of several nodes, and how many more there are. */
    public static String listed(List<OnnxNode> nodes) {
        String first = String.join(", ", nodes.stream().limit(NAMED).map(OnnxNode::label).toList());
        int more = nodes.size() - NAMED;
        return first + (more > 0 ? " and " + more + " more" : "");
    }
}
