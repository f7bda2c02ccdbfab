package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.testing.Onnx.*;
import static io.djlnpu.onnx.testing.TinyDecoder.operator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are no Gemma 3, or cannot be read: every reason at once, with the nodes. */
class RefusalsTest {

    @TempDir Path folder;

    @Test
    void gemma2() throws IOException {
        EditableModel model = TinyDecoder.build();
        editAttention(model, n -> n.add(NODE_ATTRIBUTE, TinyDecoder.real("softcap", 50)));
        // queries and keys that are not normalised, logits behind a tanh
        model.editNodes(
                n -> {
                    String output = n.text(NODE_OUTPUT);
                    if (output.matches("l\\d\\.[qk]n")) {
                        return operator("Identity", List.of(n.texts(NODE_INPUT).get(0)), output);
                    }
                    return output.equals("logits")
                            ? operator("MatMul", List.of("normed", "head"), "raw")
                            : n;
                });
        add(model, operator("Div", List.of("raw", "root"), "scaled"));
        add(model, operator("Tanh", List.of("scaled"), "capped"));
        add(model, operator("Mul", List.of("capped", "root"), "logits"));
        assertRefused(
                model,
                Code.UNSUPPORTED_MODEL,
                "soft-capping of attention (GroupQueryAttention 'the l0.context'",
                "and 3 more",
                "soft-capping of the output 'logits'",
                "Gemma 2");
    }

    @Test
    void aGateOfAnotherKind() throws IOException {
        EditableModel model = TinyDecoder.build();
        model.editNodes(
                n ->
                        n.text(NODE_OPERATOR).equals("Gelu")
                                ? n.replaceTexts(NODE_OPERATOR, List.of("Sigmoid"))
                                : n);
        assertRefused(
                model, Code.UNSUPPORTED_MODEL, "the l0.down", "and 3 more", "(Sigmoid)", "SiLU");
    }

    @Test
    void gemma3n() throws IOException {
        EditableModel model = TinyDecoder.build();
        model.graph().add(GRAPH_INPUT, new ProtoMessage().add(VALUE_NAME, "per_layer_inputs"));
        assertRefused(model, Code.UNSUPPORTED_MODEL, "per_layer_inputs", "Gemma 3n");
    }

    @Test
    void aGraphForTraining() throws IOException {
        EditableModel model = TinyDecoder.build();
        model.model().add(MODEL_TRAINING, new ProtoMessage());
        add(model, operator("SoftmaxGrad", List.of("h0"), "gradient"));
        assertRefused(model, Code.UNSUPPORTED_MODEL, "for training (SoftmaxGrad 'the gradient')");
    }

    @Test
    void twoDecodersBehindACondition() throws IOException {
        ProtoMessage branch = TinyDecoder.build().graph();
        ProtoMessage choice =
                operator("If", List.of("use_cache"), "logits")
                        .add(NODE_ATTRIBUTE, subgraph("then_branch", branch))
                        .add(NODE_ATTRIBUTE, subgraph("else_branch", branch));
        EditableModel model = TinyDecoder.build();
        model.editNodes(n -> null);
        add(model, choice);
        assertRefused(model, Code.UNSUPPORTED_MODEL, "If 'the logits': 2 decoders in one file");
    }

    @Test
    void aBlobForOneDevice() throws IOException {
        EditableModel model = TinyDecoder.build();
        model.editNodes(n -> null);
        add(
                model,
                operator("EPContext", List.of("input_ids"), "logits")
                        .add(NODE_DOMAIN, "com.microsoft"));
        assertRefused(model, Code.UNSUPPORTED_MODEL, "EPContext 'the logits'", "one device");
    }

    @Test
    void functionsOfTheFilesOwn() throws IOException {
        EditableModel model = TinyDecoder.build();
        model.model().add(MODEL_FUNCTION, new ProtoMessage().add(1, "MyNorm").add(10, "pkg.torch"));
        add(model, operator("MyNorm", List.of("h0"), "odd").add(NODE_DOMAIN, "pkg.torch"));
        assertRefused(
                model, Code.UNSUPPORTED_MODEL, "pkg.torch::MyNorm (MyNorm 'the odd')", "inline");
    }

    @Test
    void everyEncodingThatCannotBeReadAtOnce() throws IOException {
        Path source = Fixtures.fixture("micro/onnx/build-gemma/onnx/model_q4.onnx");
        EditableModel model = EditableModel.read(source);
        List<String> edited = new ArrayList<>();
        model.editNodes(
                n -> {
                    if (n.text(NODE_OPERATOR).equals("MatMulNBits") && edited.size() < 3) {
                        edited.add(n.text(NODE_NAME));
                        return edited.size() == 1
                                ? extended(n, "", "order")
                                : n.add(NODE_ATTRIBUTE, TinyDecoder.integer("weight_prepacked", 1));
                    }
                    return n;
                });
        long[] order = new long[96];
        model.graph().add(GRAPH_INITIALIZER, TinyDecoder.longs("order", order));
        assertThat(edited).hasSize(3);
        List<String> expected = new ArrayList<>(edited);
        expected.addAll(List.of("g_idx", "weight_prepacked"));
        assertRefused(model, Code.UNSUPPORTED_ENCODING, expected.toArray(String[]::new));
    }

    private void assertRefused(EditableModel model, Code code, String... parts) throws IOException {
        Path file = Files.write(folder.resolve("model.onnx"), model.bytes());
        for (Path path : List.of(file, folder)) {
            assertThatThrownBy(() -> OnnxDecoder.open(path))
                    .isInstanceOfSatisfying(
                            ModelFormatException.class,
                            e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code))
                    .hasMessageContainingAll(parts);
        }
    }

    private static void editAttention(EditableModel model, UnaryOperator<ProtoMessage> edit) {
        model.editNodes(
                n -> n.text(NODE_OPERATOR).equals("GroupQueryAttention") ? edit.apply(n) : n);
    }

    private static void add(EditableModel model, ProtoMessage node) {
        model.graph().add(GRAPH_NODE, node);
    }

    private static ProtoMessage extended(ProtoMessage node, String... more) {
        List<String> inputs = new ArrayList<>(node.texts(NODE_INPUT));
        inputs.addAll(List.of(more));
        return node.replaceTexts(NODE_INPUT, inputs);
    }

    private static ProtoMessage subgraph(String name, ProtoMessage graph) {
        return new ProtoMessage()
                .add(ATTRIBUTE_NAME, name)
                .add(ATTRIBUTE_GRAPH, graph)
                .add(ATTRIBUTE_TYPE, 5);
    }
}
