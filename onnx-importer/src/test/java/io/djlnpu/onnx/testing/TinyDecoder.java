package io.djlnpu.onnx.testing;

import static io.djlnpu.onnx.testing.Onnx.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A Gemma 3 decoder in float32 with fused operators, built in code: 6 layers of width 64, two query
 * heads on one key head of width 32, a window of 16, a scale that is not the usual one.
 *
 * <p>Everything that a test wants different it edits in the result.
 */
public final class TinyDecoder {

    public static final int HIDDEN = 64;
    public static final int LAYERS = 6;
    public static final int HEADS = 2;
    public static final int HEAD_DIM = 32;
    public static final int INTERMEDIATE = 96;
    public static final int VOCABULARY = 128;
    public static final int WINDOW = 16;
    public static final int POSITIONS = 256;
    public static final float SCALE = 0.2f;

    private final ProtoMessage graph = new ProtoMessage().add(GRAPH_NAME, "tiny");
    private final Random random = new Random(5);

    private TinyDecoder() {}

    /** Returns the model in one file. */
    public static EditableModel build() {
        return new TinyDecoder().assemble();
    }

    private EditableModel assemble() {
        input("input_ids", 7, 1, -1);
        input("seqlens", 6, 1, 1);
        input("total", 6, 1);
        output("logits", 1, 1, -1, VOCABULARY);
        tensor("table", VOCABULARY, HIDDEN);
        scalar("root", (float) Math.sqrt(HIDDEN));
        rope("local", 1e4, 1);
        rope("global", 1e6, 8);
        integers("by_head", 0, 0, -1, HEAD_DIM);
        integers("flat", 0, 0, -1);
        node("Gather", "table,input_ids", "rows");
        node("Mul", "rows,root", "h0");
        String stream = "h0";
        for (int layer = 0; layer < LAYERS; layer++) {
            stream = layer("l" + layer + ".", stream, (layer + 1) % 6 != 0);
        }
        norm("final", stream, "normed", HIDDEN);
        node("Transpose", "table", "head", integersAttribute("perm", 1, 0));
        node("MatMul", "normed,head", "logits");
        ProtoMessage model =
                new ProtoMessage()
                        .add(MODEL_IR_VERSION, 10)
                        .add(MODEL_PRODUCER, "tiny")
                        .add(MODEL_OPSET, new ProtoMessage().add(2, 21))
                        .add(MODEL_OPSET, new ProtoMessage().add(1, "com.microsoft").add(2, 1))
                        .add(MODEL_GRAPH, graph);
        return EditableModel.of(model);
    }

    private String layer(String p, String stream, boolean local) {
        norm(p + "input", stream, p + "in", HIDDEN);
        project(p + "q", p + "in", HIDDEN, HEADS * HEAD_DIM);
        project(p + "k", p + "in", HIDDEN, HEAD_DIM);
        project(p + "v", p + "in", HIDDEN, HEAD_DIM);
        for (String side : List.of("q", "k")) {
            node("Reshape", p + side + ",by_head", p + side + "4");
            norm(p + side + "_norm", p + side + "4", p + side + "n", HEAD_DIM);
            node("Reshape", p + side + "n,flat", p + side + "r");
        }
        String angles = local ? "local" : "global";
        add(
                operator(
                                "GroupQueryAttention",
                                List.of(
                                        p + "qr",
                                        p + "kr",
                                        p + "v",
                                        "",
                                        "",
                                        "seqlens",
                                        "total",
                                        angles + "_cos",
                                        angles + "_sin"),
                                p + "context")
                        .add(NODE_DOMAIN, "com.microsoft")
                        .add(NODE_ATTRIBUTE, integer("num_heads", HEADS))
                        .add(NODE_ATTRIBUTE, integer("kv_num_heads", 1))
                        .add(NODE_ATTRIBUTE, integer("do_rotary", 1))
                        .add(NODE_ATTRIBUTE, integer("local_window_size", local ? WINDOW : -1))
                        .add(NODE_ATTRIBUTE, real("scale", SCALE)));
        project(p + "o", p + "context", HEADS * HEAD_DIM, HIDDEN);
        norm(p + "post_attention", p + "o", p + "attended", HIDDEN);
        node("Add", stream + "," + p + "attended", p + "middle");
        norm(p + "pre_mlp", p + "middle", p + "mlp_in", HIDDEN);
        project(p + "gate", p + "mlp_in", HIDDEN, INTERMEDIATE);
        project(p + "up", p + "mlp_in", HIDDEN, INTERMEDIATE);
        node("Gelu", p + "gate", p + "gated", text("approximate", "tanh"));
        node("Mul", p + "gated," + p + "up", p + "product");
        project(p + "down", p + "product", INTERMEDIATE, HIDDEN);
        norm(p + "post_mlp", p + "down", p + "mlp_out", HIDDEN);
        node("Add", p + "middle," + p + "mlp_out", p + "out");
        return p + "out";
    }

    private void project(String name, String input, int from, int to) {
        tensor(name + "_weight", from, to);
        node("MatMul", input + "," + name + "_weight", name);
    }

    private void norm(String name, String input, String output, int width) {
        tensor(name + "_weight", width);
        add(
                operator("SimplifiedLayerNormalization", List.of(input, name + "_weight"), output)
                        .add(NODE_ATTRIBUTE, real("epsilon", 1e-6f)));
    }

    private void rope(String name, double base, double factor) {
        float[] cos = new float[POSITIONS * HEAD_DIM / 2];
        float[] sin = new float[cos.length];
        for (int i = 0; i < cos.length; i++) {
            int pair = i % (HEAD_DIM / 2);
            double angle = i / (HEAD_DIM / 2) * Math.pow(base, -2.0 * pair / HEAD_DIM) / factor;
            cos[i] = (float) Math.cos(angle);
            sin[i] = (float) Math.sin(angle);
        }
        graph.add(GRAPH_INITIALIZER, floats(name + "_cos", cos, POSITIONS, HEAD_DIM / 2));
        graph.add(GRAPH_INITIALIZER, floats(name + "_sin", sin, POSITIONS, HEAD_DIM / 2));
    }

    private void tensor(String name, int... dims) {
        int count = 1;
        for (int dim : dims) {
            count *= dim;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() / 8;
        }
        graph.add(GRAPH_INITIALIZER, floats(name, values, dims));
    }

    private void scalar(String name, float value) {
        graph.add(GRAPH_INITIALIZER, floats(name, new float[] {value}));
    }

    private void integers(String name, long... values) {
        graph.add(GRAPH_INITIALIZER, longs(name, values));
    }

    private void node(String operator, String inputs, String output, ProtoMessage... attributes) {
        ProtoMessage node = operator(operator, List.of(inputs.split(",")), output);
        for (ProtoMessage attribute : attributes) {
            node.add(NODE_ATTRIBUTE, attribute);
        }
        add(node);
    }

    private void add(ProtoMessage node) {
        graph.add(GRAPH_NODE, node);
    }

    private void input(String name, int type, long... dims) {
        graph.add(GRAPH_INPUT, value(name, type, dims));
    }

    private void output(String name, int type, long... dims) {
        graph.add(GRAPH_OUTPUT, value(name, type, dims));
    }

    public static ProtoMessage operator(String operator, List<String> inputs, String output) {
        ProtoMessage node = new ProtoMessage();
        inputs.forEach(input -> node.add(NODE_INPUT, input));
        return node.add(NODE_OUTPUT, output)
                .add(NODE_NAME, "the " + output)
                .add(NODE_OPERATOR, operator);
    }

    /** A float32 tensor with raw data. */
    public static ProtoMessage floats(String name, float[] values, int... dims) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            raw.putFloat(value);
        }
        return shaped(name, 1, dims).add(TENSOR_RAW, raw.array());
    }

    /** A vector of 64-bit integers. */
    public static ProtoMessage longs(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            raw.putLong(value);
        }
        return shaped(name, 7, values.length).add(TENSOR_RAW, raw.array());
    }

    /** A tensor of a type without its values. */
    public static ProtoMessage shaped(String name, int type, int... dims) {
        ProtoMessage tensor = new ProtoMessage();
        for (int dim : dims) {
            tensor.add(TENSOR_DIMS, dim);
        }
        return tensor.add(TENSOR_TYPE, type).add(TENSOR_NAME, name);
    }

    public static ProtoMessage integer(String name, long value) {
        return new ProtoMessage()
                .add(ATTRIBUTE_NAME, name)
                .add(ATTRIBUTE_INTEGER, value)
                .add(ATTRIBUTE_TYPE, 2);
    }

    public static ProtoMessage real(String name, float value) {
        return new ProtoMessage()
                .add(ATTRIBUTE_NAME, name)
                .add(ATTRIBUTE_FLOAT, value)
                .add(ATTRIBUTE_TYPE, 1);
    }

    public static ProtoMessage text(String name, String value) {
        return new ProtoMessage()
                .add(ATTRIBUTE_NAME, name)
                .add(ATTRIBUTE_STRING, value)
                .add(ATTRIBUTE_TYPE, 3);
    }

    private static ProtoMessage integersAttribute(String name, long... values) {
        ProtoMessage attribute = new ProtoMessage().add(ATTRIBUTE_NAME, name);
        for (long value : values) {
            attribute.add(ATTRIBUTE_INTEGERS, value);
        }
        return attribute.add(ATTRIBUTE_TYPE, 7);
    }

    private static ProtoMessage value(String name, int type, long... dims) {
        List<ProtoMessage> lengths = new ArrayList<>();
        for (long dim : dims) {
            lengths.add(dim < 0 ? new ProtoMessage().add(2, "n") : new ProtoMessage().add(1, dim));
        }
        ProtoMessage shape = new ProtoMessage().replace(1, lengths);
        ProtoMessage tensor = new ProtoMessage().add(1, type).add(2, shape);
        return new ProtoMessage()
                .add(VALUE_NAME, name)
                .add(VALUE_TYPE, new ProtoMessage().add(1, tensor));
    }
}
