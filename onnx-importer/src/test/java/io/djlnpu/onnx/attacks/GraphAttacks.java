package io.djlnpu.onnx.attacks;

import static io.djlnpu.onnx.testing.Onnx.*;
import static io.djlnpu.onnx.testing.TinyDecoder.integer;
import static io.djlnpu.onnx.testing.TinyDecoder.longs;
import static io.djlnpu.onnx.testing.TinyDecoder.operator;
import static io.djlnpu.onnx.testing.TinyDecoder.shaped;

import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Sound protobuf, but a decoder that is tied in knots, and folders that are no model's. */
final class GraphAttacks {

    private static final String GATE = "l0.gate_weight";

    private GraphAttacks() {}

    static List<Attack> list() {
        List<Attack> attacks = new ArrayList<>();
        attacks.addAll(knots());
        attacks.addAll(quantized());
        attacks.addAll(shapes());
        attacks.addAll(folders());
        return attacks;
    }

    private static List<Attack> knots() {
        return List.of(
                decoder(
                        "a value made by two nodes",
                        Code.OVERLAP,
                        m -> add(m, operator("Neg", List.of("h0"), "logits"))),
                decoder(
                        "a value made by a node and by an initializer",
                        Code.OVERLAP,
                        m -> add(m, operator("Neg", List.of("h0"), "table"))),
                decoder(
                        "a residual stream that feeds itself",
                        Code.UNSUPPORTED_MODEL,
                        m -> input(m, "h0", 0, "l5.out")),
                decoder(
                        "a layer that takes its own output",
                        Code.UNSUPPORTED_MODEL,
                        m -> input(m, "l2.middle", 0, "l2.out")),
                decoder(
                        "a weight that is computed from itself",
                        Code.UNSUPPORTED_MODEL,
                        m -> weight(m, operator("Identity", List.of(GATE), GATE))),
                decoder(
                        "two weights that are computed from each other",
                        Code.UNSUPPORTED_MODEL,
                        m ->
                                add(
                                        weight(m, operator("Neg", List.of("other"), GATE)),
                                        operator("Neg", List.of(GATE), "other"))),
                decoder(
                        "a weight behind 1,000 casts",
                        Code.LIMIT_EXCEEDED,
                        m -> chain(m, 1000, "Cast", false, false)),
                decoder(
                        "a weight behind 1,000 casts, the last one first",
                        Code.LIMIT_EXCEEDED,
                        m -> chain(m, 1000, "Cast", false, true)),
                decoder(
                        "a weight that is doubled 60 times",
                        Code.LIMIT_EXCEEDED,
                        m -> chain(m, 60, "Add", true, false)),
                decoder(
                        "a weight that is turned and negated 600 times",
                        Code.LIMIT_EXCEEDED,
                        GraphAttacks::alternating),
                decoder(
                        "3,000 products behind 3,000 sums",
                        Code.LIMIT_EXCEEDED,
                        GraphAttacks::detours),
                decoder(
                        "1,500 splits by 4,096 lengths each, every one doubled 7 times",
                        Code.LIMIT_EXCEEDED,
                        GraphAttacks::lengths),
                decoder(
                        "700 frequencies, every one doubled 7 times, for heads of 2^17",
                        Code.LIMIT_EXCEEDED,
                        GraphAttacks::frequencies),
                decoder(
                        "attention of no heads on packed inputs",
                        Code.UNSUPPORTED_MODEL,
                        m ->
                                editNode(
                                        m,
                                        "l0.context",
                                        n -> n.replaceTexts(NODE_INPUT, List.of("l0.qr", "", "")))),
                decoder("two heads", Code.UNSUPPORTED_MODEL, GraphAttacks::secondHead),
                decoder(
                        "no nodes at all",
                        Code.UNSUPPORTED_MODEL,
                        m ->
                                m.editNodes(
                                        n ->
                                                n.text(NODE_OPERATOR).equals("GroupQueryAttention")
                                                        ? n.replaceTexts(NODE_INPUT, List.of())
                                                        : null)));
    }

    private static List<Attack> quantized() {
        return List.of(
                bits(
                        "without codes",
                        Code.UNSUPPORTED_ENCODING,
                        n -> n.replaceTexts(NODE_INPUT, List.of("l0.mlp_in", "missing", "scales"))),
                bits("with N of 2^27", Code.MALFORMED, n -> set(n, "N", 1 << 27)),
                bits("with N of 2^40", Code.MALFORMED, n -> set(n, "N", 1L << 40)),
                bits("with K of -64", Code.MALFORMED, n -> set(n, "K", -64)),
                bits(
                        "with K of 2^28 and N of 2^28",
                        Code.MALFORMED,
                        n -> set(set(n, "K", 1 << 28), "N", 1 << 28)),
                bits("with blocks of 0", Code.MALFORMED, n -> set(n, "block_size", 0)),
                bits("with blocks of -32", Code.MALFORMED, n -> set(n, "block_size", -32)),
                bits("with blocks of 48", Code.MALFORMED, n -> set(n, "block_size", 48)),
                bits(
                        "with blocks of 2^32 + 32",
                        Code.MALFORMED,
                        n -> set(n, "block_size", (1L << 32) + 32)),
                bits("with 3 bits", Code.UNSUPPORTED_ENCODING, n -> set(n, "bits", 3)),
                bits("with 2^32 + 4 bits", Code.MALFORMED, n -> set(n, "bits", (1L << 32) + 4)),
                bits("with 8 bits and bytes for 4", Code.MALFORMED, n -> set(n, "bits", 8)),
                bits("with too few scales", Code.MALFORMED, n -> replace(n, 2, "few")),
                bits("with too few zero points", Code.MALFORMED, n -> extended(n, "codes_few")),
                bits(
                        "with columns in another order",
                        Code.UNSUPPORTED_ENCODING,
                        n -> extended(n, "", "order")),
                bits(
                        "with an order of too few columns",
                        Code.UNSUPPORTED_ENCODING,
                        n -> extended(n, "", "few_order")),
                bits(
                        "prepacked for a GPU",
                        Code.UNSUPPORTED_ENCODING,
                        n -> n.add(NODE_ATTRIBUTE, integer("weight_prepacked", 1))),
                bits(
                        "whose codes are computed",
                        Code.UNSUPPORTED_ENCODING,
                        n -> replace(n, 1, "computed")),
                decoder("NF4 with blocks of 0", Code.MALFORMED, m -> bnb4(m, 0, 3072, 96)),
                decoder("NF4 with blocks of -64", Code.MALFORMED, m -> bnb4(m, -64, 3072, 96)),
                decoder("NF4 with half of its bytes", Code.MALFORMED, m -> bnb4(m, 64, 1536, 96)),
                decoder("NF4 with too few maxima", Code.MALFORMED, m -> bnb4(m, 64, 3072, 95)),
                dequantized("a scale along axis 7", Code.UNSUPPORTED_ENCODING, 7, 0, 96),
                dequantized("a scale along axis -2^63", Code.MALFORMED, Long.MIN_VALUE, 0, 96),
                dequantized("scales for 2 of 96", Code.MALFORMED, 1, 0, 2),
                dequantized("no scales", Code.MALFORMED, 1, 0, 0),
                dequantized("blocks of -32", Code.MALFORMED, 0, -32, 96),
                dequantized("blocks of 2^40", Code.MALFORMED, 0, 1L << 40, 95));
    }

    private static List<Attack> shapes() {
        return List.of(
                reshaped("to two open lengths", Code.UNSUPPORTED_MODEL, -1, -1),
                reshaped("to 2^31 rows", Code.UNSUPPORTED_MODEL, 1L << 31, 1),
                reshaped("to lengths that overflow", Code.MALFORMED, 1L << 30, 1L << 30, 1L << 30),
                reshaped("to -5 rows", Code.UNSUPPORTED_MODEL, -5, 64),
                computed(
                        "transposed by an order that is none",
                        Code.UNSUPPORTED_MODEL,
                        "Transpose",
                        n -> n.add(NODE_ATTRIBUTE, integer("perm", 9))),
                computed(
                        "flattened at axis 2^40",
                        Code.UNSUPPORTED_MODEL,
                        "Flatten",
                        n -> n.add(NODE_ATTRIBUTE, integer("axis", 1L << 40))),
                computed(
                        "sliced without bounds",
                        Code.UNSUPPORTED_MODEL,
                        "Slice",
                        n -> n.add(NODE_INPUT, "nothing").add(NODE_INPUT, "nothing")),
                computed(
                        "sliced to nothing",
                        Code.UNSUPPORTED_MODEL,
                        "Slice",
                        n -> n.add(NODE_INPUT, "five").add(NODE_INPUT, "five")),
                computed(
                        "split into negative parts",
                        Code.UNSUPPORTED_MODEL,
                        "Split",
                        n -> n.add(NODE_INPUT, "negative")),
                decoder(
                        "a norm of another width",
                        Code.SHAPE_MISMATCH,
                        m ->
                                tensor(
                                        m,
                                        "l3.pre_mlp_weight",
                                        shaped("l3.pre_mlp_weight", 1, 32)
                                                .add(TENSOR_RAW, new byte[128]))),
                decoder(
                        "a gate of another height than up",
                        Code.SHAPE_MISMATCH,
                        m ->
                                tensor(
                                        m,
                                        "l3.gate_weight",
                                        shaped("l3.gate_weight", 1, 64, 64)
                                                .add(TENSOR_RAW, new byte[64 * 64 * 4]))),
                decoder(
                        "a query that is no multiple of the head",
                        Code.SHAPE_MISMATCH,
                        m ->
                                tensor(
                                        m,
                                        "l0.q_weight",
                                        shaped("l0.q_weight", 1, 64, 40)
                                                .add(TENSOR_RAW, new byte[64 * 40 * 4]))),
                decoder(
                        "a key narrower than a head",
                        Code.SHAPE_MISMATCH,
                        m ->
                                tensor(
                                        m,
                                        "l0.k_weight",
                                        shaped("l0.k_weight", 1, 64, 8)
                                                .add(TENSOR_RAW, new byte[64 * 8 * 4]))),
                decoder(
                        "a head that claims 2^32 elements",
                        Code.SHAPE_MISMATCH,
                        m -> ownHead(m, 1 << 26, TinyDecoder.HIDDEN / 2)),
                decoder(
                        "a head of 2^30 rows without data",
                        Code.TRUNCATED,
                        m -> ownHead(m, 1 << 30, TinyDecoder.HIDDEN)),
                decoder(
                        "table and head of 2^30 columns without data",
                        Code.SHAPE_MISMATCH,
                        m -> {
                            tensor(m, "table", shaped("table", 1, 4, 1 << 30));
                            ownHead(m, 4, 1 << 30);
                        }),
                decoder(
                        "a table of other width",
                        Code.SHAPE_MISMATCH,
                        m ->
                                tensor(
                                        m,
                                        "table",
                                        shaped("table", 1, 128, 32)
                                                .add(TENSOR_RAW, new byte[128 * 32 * 4]))),
                decoder(
                        "a final norm of 2^31 columns",
                        Code.LIMIT_EXCEEDED,
                        m ->
                                tensor(
                                        m,
                                        "final_weight",
                                        new ProtoMessage()
                                                .add(TENSOR_DIMS, 1L << 31)
                                                .add(TENSOR_TYPE, 1)
                                                .add(TENSOR_NAME, "final_weight"))),
                decoder(
                        "a final norm of 2^30 columns without data",
                        Code.LIMIT_EXCEEDED,
                        m -> tensor(m, "final_weight", shaped("final_weight", 1, 1 << 30))),
                decoder(
                        "a norm without data",
                        Code.TRUNCATED,
                        m -> tensor(m, "l1.input_weight", shaped("l1.input_weight", 1, 64))),
                decoder(
                        "a gate of 2^39 elements without data",
                        Code.SHAPE_MISMATCH,
                        m -> tensor(m, GATE, shaped(GATE, 1, 1 << 20, 1 << 19))),
                decoder(
                        "a gate without data",
                        Code.TRUNCATED,
                        m -> tensor(m, GATE, shaped(GATE, 1, 64, 96))),
                decoder(
                        "a gate of strings",
                        Code.UNSUPPORTED_ENCODING,
                        m -> tensor(m, GATE, shaped(GATE, 8, 64, 96))));
    }

    private static List<Attack> folders() {
        return List.of(
                new Attack(
                        "a path to nothing",
                        Code.MISSING_FILE,
                        folder -> Reading.model(folder.resolve("none.onnx"))),
                new Attack("an empty folder", Code.MISSING_FILE, Reading::model),
                new Attack(
                        "a named pipe for a model",
                        Code.MISSING_FILE,
                        folder -> {
                            Path pipe = folder.resolve("model.onnx");
                            new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
                            Reading.model(pipe);
                        }),
                new Attack(
                        "a named pipe opened as a graph",
                        Code.MISSING_FILE,
                        folder -> {
                            Path pipe = folder.resolve("model.onnx");
                            new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
                            Reading.graph(pipe);
                        }),
                new Attack(
                        "a folder of 201 graphs",
                        Code.LIMIT_EXCEEDED,
                        folder -> {
                            for (int i = 0; i < 201; i++) {
                                Files.write(folder.resolve(i + ".onnx"), new byte[0]);
                            }
                            Reading.model(folder);
                        }),
                beside(
                        "a genai_config.json that is a list",
                        Code.MALFORMED,
                        "genai_config.json",
                        "[]"),
                beside(
                        "a genai_config.json cut short",
                        Code.MALFORMED,
                        "genai_config.json",
                        "{\"model\":{"),
                beside(
                        "a genai_config.json 100,000 levels deep",
                        Code.MALFORMED,
                        "genai_config.json",
                        "[".repeat(100_000)),
                beside(
                        "a genai_config.json of 17 MB",
                        Code.LIMIT_EXCEEDED,
                        "genai_config.json",
                        " ".repeat(17 << 20)),
                beside(
                        "a genai_config.json with a context of 1e999",
                        Code.MALFORMED,
                        "genai_config.json",
                        "{\"model\":{\"context_length\":1e999}}"),
                beside(
                        "a genai_config.json with a context of -5",
                        Code.MALFORMED,
                        "genai_config.json",
                        "{\"model\":{\"context_length\":-5}}"),
                beside(
                        "a genai_config.json with a token of 2^40",
                        Code.MALFORMED,
                        "genai_config.json",
                        "{\"model\":{\"bos_token_id\":1099511627776}}"),
                beside(
                        "a generation_config.json with a token of 1.5",
                        Code.MALFORMED,
                        "generation_config.json",
                        "{\"eos_token_id\":[1.5]}"),
                beside(
                        "a generation_config.json that is no UTF-8",
                        Code.MALFORMED,
                        "generation_config.json",
                        null),
                beside(
                        "a config.json of another model",
                        Code.UNSUPPORTED_MODEL,
                        "config.json",
                        "{\"model_type\":\"mistral\"}"),
                beside(
                        "a config.json of another size",
                        Code.SHAPE_MISMATCH,
                        "config.json",
                        "{\"model_type\":\"gemma3_text\"}"));
    }

    private static Attack decoder(String what, Code code, Consumer<EditableModel> edit) {
        return new Attack(
                what,
                code,
                folder -> {
                    EditableModel model = TinyDecoder.build();
                    edit.accept(model);
                    Reading.model(Files.write(folder.resolve("model.onnx"), model.bytes()));
                });
    }

    private static Attack beside(String what, Code code, String name, String text) {
        return new Attack(
                what,
                code,
                folder -> {
                    Files.write(folder.resolve("model.onnx"), TinyDecoder.build().bytes());
                    byte[] bytes = text == null ? new byte[] {'"', -1, '"'} : text.getBytes();
                    Files.write(folder.resolve(name), bytes);
                    Reading.model(folder);
                });
    }

    /** A gate in MatMulNBits, sound until it is edited. */
    private static Attack bits(String what, Code code, UnaryOperator<ProtoMessage> edit) {
        return decoder(
                "a matrix of few bits " + what,
                code,
                m -> {
                    initializer(m, shaped("codes", 2, 96, 2, 16).add(TENSOR_RAW, new byte[3072]));
                    initializer(m, TinyDecoder.floats("scales", new float[192], 192));
                    initializer(m, TinyDecoder.floats("few", new float[191], 191));
                    initializer(m, shaped("codes_few", 2, 95).add(TENSOR_RAW, new byte[95]));
                    long[] order = new long[64];
                    order[0] = 1;
                    initializer(m, longs("order", order));
                    initializer(m, longs("few_order", 0));
                    add(m, operator("Neg", List.of("codes"), "computed"));
                    editNode(m, "l0.gate", n -> edit.apply(nBits()));
                });
    }

    private static ProtoMessage nBits() {
        return operator("MatMulNBits", List.of("l0.mlp_in", "codes", "scales"), "l0.gate")
                .add(NODE_DOMAIN, "com.microsoft")
                .add(NODE_ATTRIBUTE, integer("N", 96))
                .add(NODE_ATTRIBUTE, integer("K", 64))
                .add(NODE_ATTRIBUTE, integer("bits", 4))
                .add(NODE_ATTRIBUTE, integer("block_size", 32));
    }

    private static void bnb4(EditableModel m, int block, int bytes, int maxima) {
        initializer(m, shaped("codes", 2, bytes).add(TENSOR_RAW, new byte[bytes]));
        initializer(m, TinyDecoder.floats("maxima", new float[maxima], maxima));
        editNode(
                m,
                "l0.gate",
                n ->
                        operator("MatMulBnb4", List.of("l0.mlp_in", "codes", "maxima"), "l0.gate")
                                .add(NODE_ATTRIBUTE, integer("N", 96))
                                .add(NODE_ATTRIBUTE, integer("K", 64))
                                .add(NODE_ATTRIBUTE, integer("block_size", block)));
    }

    private static Attack dequantized(String what, Code code, long axis, long block, int scales) {
        return decoder(
                "a gate with " + what,
                code,
                m -> {
                    initializer(m, shaped("codes", 3, 64, 96).add(TENSOR_RAW, new byte[6144]));
                    initializer(m, TinyDecoder.floats("scales", new float[scales], scales));
                    weight(
                            m,
                            operator("DequantizeLinear", List.of("codes", "scales"), GATE)
                                    .add(NODE_ATTRIBUTE, integer("axis", axis))
                                    .add(NODE_ATTRIBUTE, integer("block_size", block)));
                });
    }

    private static Attack reshaped(String what, Code code, long... shape) {
        return computed(
                "reshaped " + what, code, "Reshape", n -> n.add(NODE_INPUT, "shape"), shape);
    }

    private static Attack computed(
            String what,
            Code code,
            String operator,
            UnaryOperator<ProtoMessage> edit,
            long... shape) {
        return decoder(
                "a gate " + what,
                code,
                m -> {
                    initializer(m, TinyDecoder.floats("source", new float[6144], 64, 96));
                    initializer(m, longs("shape", shape));
                    initializer(m, longs("nothing"));
                    initializer(m, longs("five", 5));
                    initializer(m, longs("negative", -1, Long.MAX_VALUE));
                    weight(m, edit.apply(operator(operator, List.of("source"), GATE)));
                });
    }

    /** A chain of operators behind the gate's weight. */
    private static void chain(
            EditableModel m, int length, String operator, boolean twice, boolean backwards) {
        List<ProtoMessage> links = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            String from = i == 0 ? GATE : "link" + (i - 1);
            links.add(operator(operator, twice ? List.of(from, from) : List.of(from), "link" + i));
        }
        List<ProtoMessage> nodes = new ArrayList<>(backwards ? links.reversed() : links);
        nodes.addAll(m.nodes());
        m.graph().replace(GRAPH_NODE, nodes);
        input(m, "l0.gate", 1, "link" + (length - 1));
    }

    private static void alternating(EditableModel m) {
        List<ProtoMessage> nodes = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            String from = i == 0 ? GATE : "link" + (i - 1);
            nodes.add(operator(i % 2 == 0 ? "Transpose" : "Neg", List.of(from), "link" + i));
        }
        nodes.addAll(m.nodes());
        m.graph().replace(GRAPH_NODE, nodes);
        input(m, "l0.gate", 1, "link1199");
    }

    /** A head stored as the table is, with another claim. */
    private static void ownHead(EditableModel m, int rows, int columns) {
        initializer(m, shaped("own", 1, rows, columns));
        input(m, "head", 0, "own");
    }

    /** Doubles a constant a few times, which multiplies the work to read it. */
    private static String doubled(EditableModel m, String constant) {
        String value = constant;
        for (int i = 0; i < 7; i++) {
            String next = constant + "x" + i;
            add(m, operator("Add", List.of(value, value), next));
            value = next;
        }
        return value;
    }

    private static void lengths(EditableModel m) {
        initializer(m, longs("lengths", new long[4096]));
        for (int i = 0; i < 1500; i++) {
            add(m, operator("Identity", List.of("lengths"), "lengths" + i));
            add(
                    m,
                    operator("Split", List.of("l0.in", doubled(m, "lengths" + i)), "split" + i)
                            .add(NODE_ATTRIBUTE, integer("axis", -1)));
            add(m, operator("MatMul", List.of("split" + i, "l0.q_weight"), "product" + i));
        }
    }

    private static void frequencies(EditableModel m) {
        int half = 1 << 16;
        initializer(m, TinyDecoder.floats("frequencies", new float[half], half));
        initializer(m, TinyDecoder.floats("wide", new float[2 * half], 2 * half));
        for (String norm : List.of("l0.qn", "l0.kn")) {
            input(m, norm, 1, "wide");
        }
        String value = "l0.qr";
        for (int i = 0; i < 700; i++) {
            add(m, operator("Identity", List.of("frequencies"), "frequencies" + i));
            String turned = "turned" + i;
            add(m, operator("Mul", List.of(value, doubled(m, "frequencies" + i)), turned));
            value = turned;
        }
        input(m, "l0.context", 0, value);
        input(m, "l0.q", 1, "tall");
        input(m, "l0.k", 1, "tall");
        initializer(m, shaped("tall", 1, TinyDecoder.HIDDEN, 2 * half));
    }

    private static void secondHead(EditableModel m) {
        add(m, operator("MatMul", List.of("normed", "head"), "second"));
        m.graph().add(GRAPH_OUTPUT, new ProtoMessage().add(VALUE_NAME, "second"));
    }

    private static void detours(EditableModel m) {
        List<ProtoMessage> nodes = new ArrayList<>(m.nodes());
        for (int i = 0; i < 3_000; i++) {
            nodes.add(operator("Relu", List.of(i == 0 ? "l0.in" : "sum" + (i - 1)), "sum" + i));
        }
        for (int i = 0; i < 3_000; i++) {
            nodes.add(operator("MatMul", List.of("sum2999", "l0.q_weight"), "product" + i));
        }
        m.graph().replace(GRAPH_NODE, nodes);
    }

    private static EditableModel add(EditableModel m, ProtoMessage node) {
        m.graph().add(GRAPH_NODE, node);
        return m;
    }

    private static void initializer(EditableModel m, ProtoMessage tensor) {
        m.graph().add(GRAPH_INITIALIZER, tensor);
    }

    private static void tensor(EditableModel m, String name, ProtoMessage other) {
        m.editTensors(t -> t.text(TENSOR_NAME).equals(name) ? other : t);
    }

    /** Puts a node in the place of the gate's initializer. */
    private static EditableModel weight(EditableModel m, ProtoMessage node) {
        tensor(m, GATE, TinyDecoder.floats("unused", new float[0], 0));
        return add(m, node);
    }

    private static void input(EditableModel m, String output, int position, String value) {
        editNode(m, output, node -> replace(node, position, value));
    }

    private static void editNode(EditableModel m, String output, UnaryOperator<ProtoMessage> edit) {
        m.editNodes(node -> node.texts(NODE_OUTPUT).contains(output) ? edit.apply(node) : node);
    }

    private static ProtoMessage replace(ProtoMessage node, int position, String value) {
        List<String> inputs = new ArrayList<>(node.texts(NODE_INPUT));
        inputs.set(position, value);
        return node.replaceTexts(NODE_INPUT, inputs);
    }

    private static ProtoMessage extended(ProtoMessage node, String... more) {
        List<String> inputs = new ArrayList<>(node.texts(NODE_INPUT));
        inputs.addAll(List.of(more));
        return node.replaceTexts(NODE_INPUT, inputs);
    }

    private static ProtoMessage set(ProtoMessage node, String name, long value) {
        List<ProtoMessage> attributes = new ArrayList<>();
        for (ProtoMessage attribute : node.messages(NODE_ATTRIBUTE)) {
            boolean wanted = attribute.text(ATTRIBUTE_NAME).equals(name);
            attributes.add(wanted ? integer(name, value) : attribute);
        }
        return node.replace(NODE_ATTRIBUTE, attributes);
    }
}
