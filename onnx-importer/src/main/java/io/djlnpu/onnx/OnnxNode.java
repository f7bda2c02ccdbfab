package io.djlnpu.onnx;

import java.util.List;
import java.util.Map;

/**
 * One operation of a graph.
 *
 * @param index position in the graph's list of nodes
 * @param name the node's name, possibly empty
 * @param operator operator, for instance {@code MatMul}
 * @param domain operator set; empty for ONNX's own
 * @param inputs names of the values that go in; an omitted optional input is empty
 * @param outputs names of the values that come out; an unused one is empty
 * @param attributes the attributes by name
 */
public record OnnxNode(
        int index,
        String name,
        String operator,
        String domain,
        List<String> inputs,
        List<String> outputs,
        Map<String, OnnxAttribute> attributes) {

    /** Copies the collections. */
    public OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /** The place in the graph: quick, where hashing every field would not be. */
    @Override
    public int hashCode() {
        return index;
    }

    /**
     * Returns the name of an input.
     *
     * @param position index from 0
     * @return the name, or an empty string if the node has no such input
     */
    public String input(int position) {
        return position < inputs.size() ? inputs.get(position) : "";
    }

    /**
     * Returns the name of an output.
     *
     * @param position index from 0
     * @return the name, or an empty string if the node has no such output
     */
    public String output(int position) {
        return position < outputs.size() ? outputs.get(position) : "";
    }

    /**
     * Returns an integer attribute.
     *
     * @param attribute its name
     * @param otherwise the operator's default
     * @return the value
     */
    public long integer(String attribute, long otherwise) {
        OnnxAttribute value = attributes.get(attribute);
        return value == null || value.integers().length == 0 ? otherwise : value.integers()[0];
    }

    /**
     * Returns an attribute of several integers.
     *
     * @param attribute its name
     * @return the values, none if the node has no such attribute
     */
    public long[] integers(String attribute) {
        OnnxAttribute value = attributes.get(attribute);
        return value == null ? new long[0] : value.integers().clone();
    }

    /**
     * Returns a float attribute.
     *
     * @param attribute its name
     * @param otherwise the operator's default
     * @return the value
     */
    public float real(String attribute, float otherwise) {
        OnnxAttribute value = attributes.get(attribute);
        return value == null || value.reals().length == 0 ? otherwise : value.reals()[0];
    }

    /**
     * Describes the node for messages.
     *
     * @return operator and name, or operator and first output if it has no name
     */
    public String label() {
        return operator + " '" + (name.isEmpty() ? output(0) : name) + "'";
    }
}
