package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who makes and who uses each value of a graph. */
public final class GraphIndex {

    private final String file;
    private final OnnxGraph graph;
    private final Map<String, OnnxNode> producers = new HashMap<>();
    private final Map<String, List<OnnxNode>> consumers = new HashMap<>();
    private final Set<String> outputs = new HashSet<>();

    /**
     * Indexes a graph.
     *
     * @param file the file's name, for messages
     * @param graph the graph
     * @throws ModelFormatException if a value is made twice
     */
    public GraphIndex(String file, OnnxGraph graph) throws ModelFormatException {
        this.file = file;
        this.graph = graph;
        for (OnnxNode node : graph.nodes()) {
            for (String output : node.outputs()) {
                boolean taken =
                        !output.isEmpty()
                                && (producers.put(output, node) != null
                                        || graph.initializers().containsKey(output));
                if (taken) {
                    throw new ModelFormatException(
                            Code.OVERLAP,
                            file
                                    + ": value '"
                                    + output
                                    + "' is made twice, the second time by "
                                    + node.label());
                }
            }
            for (String input : new HashSet<>(node.inputs())) {
                if (!input.isEmpty()) {
                    consumers.computeIfAbsent(input, key -> new ArrayList<>(2)).add(node);
                }
            }
        }
        graph.outputs().forEach(output -> outputs.add(output.name()));
    }

    /**
     * Returns the file's name.
     *
     * @return the name, for messages
     */
    public String file() {
        return file;
    }

    /**
     * Returns the graph.
     *
     * @return the graph
     */
    public OnnxGraph graph() {
        return graph;
    }

    /**
     * Finds the node that makes a value.
     *
     * @param value the value's name
     * @return the node, or null for constants, graph inputs and unknown names
     */
    public OnnxNode producer(String value) {
        return producers.get(value);
    }

    /**
     * Finds the node that makes a value, beyond nodes that only hand it on.
     *
     * @param value the value's name
     * @param passes operators to look through, by their first input, eight at most
     * @return the node, or null for constants, graph inputs and unknown names
     */
    public OnnxNode producerBeyond(String value, Set<String> passes) {
        OnnxNode node = producers.get(value);
        for (int steps = 0; steps < 8 && node != null; steps++) {
            if (!passes.contains(node.operator())) {
                return node;
            }
            node = producers.get(node.input(0));
        }
        return node;
    }

    /**
     * Finds the nodes that use a value.
     *
     * @param value the value's name
     * @return the nodes, each once
     */
    public List<OnnxNode> consumers(String value) {
        return consumers.getOrDefault(value, List.of());
    }

    /**
     * Tells whether the graph returns a value.
     *
     * @param value the value's name
     * @return true for a graph output
     */
    public boolean isOutput(String value) {
        return outputs.contains(value);
    }
}
