package io.djlnpu.onnx;

import java.util.List;

/**
 * An input or output of a graph.
 *
 * @param name the value's name
 * @param elementType ONNX's number of the element type, 0 if not stated
 * @param dimensions lengths, -1 where symbolic
 */
public record OnnxValue(String name, int elementType, List<Long> dimensions) {

    /** Copies the list. */
    public OnnxValue {
        dimensions = List.copyOf(dimensions);
    }
}
