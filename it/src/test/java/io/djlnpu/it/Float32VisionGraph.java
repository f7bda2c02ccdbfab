package io.djlnpu.it;

import static io.djlnpu.onnx.testing.Onnx.*;

import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.ProtoMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A vision graph with its own weights, to be computed by ONNX Runtime in float32: what a graph of
 * less precision rounds on the way is no longer rounded.
 *
 * <ul>
 *   <li>float16 becomes float32, tensors and casts; every float16 is one
 *   <li>{@code DynamicQuantizeLinear} hands its input on; integer products become products with the
 *       weight less its zero point, and the factors behind them stay
 *   <li>{@code MatMulNBits} does not round activations ({@code accuracy_level})
 *   <li>{@code BiasGelu}, which computes GELU by erf, becomes the tanh form that the model is made
 *       with: onnxruntime-genai's exporter mistakes one for the other
 * </ul>
 */
final class Float32VisionGraph {

    private static final int FLOAT = 1;
    private static final int FLOAT16 = 10;
    private static final String ONE = "float32.one";

    private final EditableModel model;
    private final double[] numbers;
    private final List<ProtoMessage> nodes = new ArrayList<>();

    private Float32VisionGraph(EditableModel model, double... numbers) {
        this.model = model;
        this.numbers = numbers;
    }

    /**
     * The graph of a file in float32.
     *
     * @param numbers of the model's definition: a constant that is one of them rounded to float16
     *     becomes what it was
     */
    static byte[] of(Path file, double... numbers) throws IOException {
        return of(file, Map.of(), numbers);
    }

    /**
     * The graph of a file in float32 with other weights.
     *
     * @param replacements from a weight as the file has it, see {@link #key}, to what is to stand
     *     there
     * @param numbers as above
     */
    static byte[] of(Path file, Map<ByteBuffer, float[]> replacements, double... numbers)
            throws IOException {
        Float32VisionGraph graph = new Float32VisionGraph(EditableModel.read(file), numbers);
        Map<ByteBuffer, float[]> left = new HashMap<>(replacements);
        graph.model.editTensors(tensor -> replaced(graph.widened(tensor), left));
        if (!left.isEmpty()) {
            throw new IOException(left.size() + " weights are not in the graph");
        }
        graph.model.nodes().forEach(graph::rewrite);
        graph.model.graph().replace(GRAPH_NODE, graph.nodes).remove(GRAPH_VALUE);
        graph.model.graph().add(GRAPH_INITIALIZER, tensor(ONE, 1));
        return graph.model.bytes();
    }

    /** What a weight is known by: its values as float32, row by row. */
    static ByteBuffer key(float[] values) {
        return ByteBuffer.wrap(bytes(values));
    }

    private static ProtoMessage replaced(ProtoMessage tensor, Map<ByteBuffer, float[]> weights) {
        if (tensor.integer(TENSOR_TYPE) != FLOAT || tensor.raw(TENSOR_RAW) == null) {
            return tensor;
        }
        float[] other = weights.remove(ByteBuffer.wrap(tensor.raw(TENSOR_RAW)));
        return other == null ? tensor : tensor.remove(TENSOR_RAW).add(TENSOR_RAW, bytes(other));
    }

    private ProtoMessage widened(ProtoMessage tensor) {
        if (tensor.integer(TENSOR_TYPE) != FLOAT16) {
            return tensor;
        }
        ByteBuffer half = ByteBuffer.wrap(tensor.raw(TENSOR_RAW)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[half.remaining() / 2];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    values.length == 1
                            ? number(half.getShort(0))
                            : Float.float16ToFloat(half.getShort(2 * i));
        }
        return tensor.remove(TENSOR_TYPE)
                .remove(TENSOR_RAW)
                .add(TENSOR_TYPE, FLOAT)
                .add(TENSOR_RAW, bytes(values));
    }

    private float number(short half) {
        return (float)
                Arrays.stream(numbers)
                        .filter(number -> Float.floatToFloat16((float) number) == half)
                        .findFirst()
                        .orElse(Float.float16ToFloat(half));
    }

    private void rewrite(ProtoMessage node) {
        List<String> in = node.texts(NODE_INPUT);
        List<String> out = node.texts(NODE_OUTPUT);
        switch (node.text(NODE_OPERATOR)) {
            case "Constant" -> nodes.add(edited(node, "value", this::wideValue));
            case "Cast" -> nodes.add(edited(node, "to", Float32VisionGraph::wideType));
            case "MatMulNBits" ->
                    nodes.add(edited(node, "accuracy_level", a -> integer("accuracy_level", 1)));
            case "DynamicQuantizeLinear" -> {
                add("Identity", out.get(0), in.get(0));
                add("Identity", out.get(1), ONE);
            }
            case "MatMulInteger", "ConvInteger" -> {
                String weight = out.get(0) + ".weight";
                // without a scale of its own: the graph multiplies behind the product
                add("DequantizeLinear", weight, in.get(1), ONE, in.get(3));
                String operator = node.text(NODE_OPERATOR).replace("Integer", "");
                nodes.add(
                        node.replaceTexts(NODE_OPERATOR, List.of(operator))
                                .replaceTexts(NODE_INPUT, List.of(in.get(0), weight)));
            }
            case "BiasGelu" -> {
                String sum = out.get(0) + ".sum";
                add("Add", sum, in.get(0), in.get(1));
                nodes.add(node("Gelu", out.get(0), sum).add(NODE_ATTRIBUTE, tanh()));
            }
            default -> nodes.add(node);
        }
    }

    private void add(String operator, String output, String... inputs) {
        nodes.add(node(operator, output, inputs));
    }

    private static ProtoMessage node(String operator, String output, String... inputs) {
        ProtoMessage node = new ProtoMessage();
        for (String input : inputs) {
            node.add(NODE_INPUT, input);
        }
        return node.add(NODE_OUTPUT, output).add(NODE_OPERATOR, operator);
    }

    private static ProtoMessage edited(
            ProtoMessage node, String attribute, UnaryOperator<ProtoMessage> edit) {
        return node.replace(
                NODE_ATTRIBUTE,
                node.messages(NODE_ATTRIBUTE).stream()
                        .map(a -> a.text(ATTRIBUTE_NAME).equals(attribute) ? edit.apply(a) : a)
                        .toList());
    }

    private ProtoMessage wideValue(ProtoMessage attribute) {
        return attribute.replace(
                ATTRIBUTE_TENSOR, List.of(widened(attribute.message(ATTRIBUTE_TENSOR))));
    }

    private static ProtoMessage wideType(ProtoMessage attribute) {
        return attribute.integer(ATTRIBUTE_INTEGER) == FLOAT16 ? integer("to", FLOAT) : attribute;
    }

    private static ProtoMessage integer(String name, int value) {
        int kind = 2;
        return new ProtoMessage()
                .add(ATTRIBUTE_NAME, name)
                .add(ATTRIBUTE_INTEGER, value)
                .add(ATTRIBUTE_TYPE, kind);
    }

    private static ProtoMessage tanh() {
        int kind = 3;
        return new ProtoMessage()
                .add(ATTRIBUTE_NAME, "approximate")
                .add(ATTRIBUTE_STRING, "tanh")
                .add(ATTRIBUTE_TYPE, kind);
    }

    private static ProtoMessage tensor(String name, float value) {
        return new ProtoMessage()
                .add(TENSOR_NAME, name)
                .add(TENSOR_TYPE, FLOAT)
                .add(TENSOR_RAW, bytes(new float[] {value}));
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.array();
    }
}
