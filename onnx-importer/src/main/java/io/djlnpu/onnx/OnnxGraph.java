package io.djlnpu.onnx;

import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A graph: nodes, constants and the values at its border.
 *
 * @param name the graph's name
 * @param nodes the operations in the file's order
 * @param initializers constants by name
 * @param inputs what the graph takes; constants that old files list here too are left out
 * @param outputs what the graph returns
 */
public record OnnxGraph(
        String name,
        List<OnnxNode> nodes,
        Map<String, OnnxTensor> initializers,
        List<OnnxValue> inputs,
        List<OnnxValue> outputs) {

    /** Wraps the collections. */
    public OnnxGraph {
        nodes = List.copyOf(nodes);
        initializers = Collections.unmodifiableMap(initializers);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
