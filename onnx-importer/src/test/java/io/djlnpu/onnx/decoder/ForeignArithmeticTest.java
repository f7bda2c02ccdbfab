package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.testing.Onnx.*;
import static io.djlnpu.onnx.testing.TinyDecoder.floats;
import static io.djlnpu.onnx.testing.TinyDecoder.integer;
import static io.djlnpu.onnx.testing.TinyDecoder.operator;
import static io.djlnpu.onnx.testing.TinyDecoder.real;
import static io.djlnpu.onnx.testing.TinyDecoder.text;
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
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A decoder that computes something beside Gemma 3 is refused; one that only looks so is not. */
class ForeignArithmeticTest {

    private static final String CONSTANT = "by a constant that Gemma 3 does not have";

    @TempDir Path folder;

    private interface Edit extends Consumer<EditableModel> {}

    private static Arguments edit(String what, String message, Edit edit) {
        return Arguments.of(Named.of(what, edit), message);
    }

    static Stream<Arguments> foreign() {
        return Stream.of(
                edit(
                        "a bias behind down",
                        "Add 'the l0.down': changes values " + CONSTANT,
                        m -> behind(m, "l0.down", "Add", vector(64, 5))),
                edit(
                        "a bias behind a query projection",
                        "Add 'the l3.q'",
                        m -> behind(m, "l3.q", "Add", vector(64, 5))),
                edit(
                        "a bias behind a value projection",
                        "Sub 'the l3.v'",
                        m -> behind(m, "l3.v", "Sub", vector(32, 5))),
                edit(
                        "a bias behind the gate",
                        "MatMul 'the l1.down': what the gate of this MLP goes through",
                        m -> behind(m, "l1.gate", "Add", vector(96, 5))),
                edit(
                        "a multiplier of the gate",
                        "is not GELU",
                        m -> behind(m, "l1.gated", "Mul", new float[] {1.5f})),
                edit(
                        "a bias behind up",
                        "Add 'the l1.up'",
                        m -> behind(m, "l1.up", "Add", vector(96, 5))),
                edit(
                        "a smoothing factor before down",
                        "Mul 'the l0.product'",
                        m -> behind(m, "l0.product", "Mul", vector(96, 0.3f))),
                edit(
                        "a smoothing factor before the projections",
                        "Div 'the l2.in'",
                        m -> behind(m, "l2.in", "Div", vector(64, 0.3f))),
                edit(
                        "a smoothing factor before the output projection",
                        "Mul 'the l2.context'",
                        m -> behind(m, "l2.context", "Mul", vector(64, 0.3f))),
                edit(
                        "a factor on each element of the queries",
                        "Mul 'the l2.qr'",
                        m -> behind(m, "l2.qr", "Mul", vector(64, 0.3f))),
                edit(
                        "a multiplier of a residual branch",
                        "Mul 'the l4.attended'",
                        m -> behind(m, "l4.attended", "Mul", new float[] {0.22f})),
                edit(
                        "a multiplier of the stream",
                        "Mul 'the l4.out'",
                        m -> behind(m, "l4.out", "Mul", new float[] {0.22f})),
                edit(
                        "a factor on each of the logits",
                        "Mul 'the logits'",
                        m -> behind(m, "logits", "Mul", vector(128, 2))),
                edit(
                        "a bias of the logits",
                        "Add 'the logits'",
                        m -> behind(m, "logits", "Add", vector(128, 2))),
                edit(
                        "a function of the stream",
                        "Tanh 'the l4.out': changes values where Gemma 3 does not",
                        m -> behind(m, "l4.out", "Tanh", null)),
                edit(
                        "a bias inside Gemm",
                        "Gemm 'the l0.o': adds a bias",
                        m -> {
                            initializer(m, "bias", vector(64, 5));
                            node(m, "l0.o", n -> renamed(extended(n, "bias"), "Gemm"));
                        }),
                edit(
                        "a norm that subtracts the mean",
                        "LayerNormalization 'the l0.in'",
                        m -> node(m, "l0.in", n -> renamed(n, "LayerNormalization"))),
                edit(
                        "a bias inside a norm with its residual sum",
                        "SkipSimplifiedLayerNormalization 'the l0.mlp_in': adds a bias",
                        m -> {
                            initializer(m, "bias", vector(64, 5));
                            node(m, "l0.mlp_in", n -> skipNorm(n, "bias"));
                        }),
                edit(
                        "QuickGelu",
                        "(QuickGelu) is not GELU",
                        m -> node(m, "l5.gated", n -> renamed(n, "QuickGelu"))),
                edit(
                        "neighbouring elements rotated",
                        "interleaved",
                        m -> attention(m, integer("rotary_interleaved", 1))),
                edit(
                        "smooth softmax",
                        "smooth softmax",
                        m -> attention(m, integer("smooth_softmax", 1))),
                edit(
                        "a table that is not scaled",
                        "multiplied by 1.00000, expected sqrt(hidden_size) = 8.00000",
                        m -> tensor(m, "root", 1)),
                edit(
                        "a table that is scaled twice",
                        "multiplied by 64.0000",
                        m -> tensor(m, "root", 64)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("foreign")
    void isRefused(Edit edit, String message) throws IOException {
        EditableModel model = TinyDecoder.build();
        edit.accept(model);
        assertThatThrownBy(() -> open(model).close())
                .isInstanceOfSatisfying(
                        ModelFormatException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED_MODEL))
                .hasMessageContaining(message);
    }

    static Stream<Arguments> neutral() {
        return Stream.of(
                edit("zeros added", "", m -> behind(m, "l0.down", "Add", vector(64, 0))),
                edit("multiplied by ones", "", m -> behind(m, "l0.product", "Mul", ones(96))),
                edit("a cast", "", m -> behind(m, "l0.out", "CastLike", new float[] {0})),
                edit(
                        "a gate clipped where float16 ends",
                        "",
                        m -> {
                            initializer(m, "least", new float[] {-65504});
                            behind(m, "l0.gate", "Clip", null);
                            node(m, "l0.gate", n -> extended(n, "least"));
                        }),
                edit("a clip where float16 ends", "", m -> clip(m, 64992)),
                edit("queries scaled", "", m -> behind(m, "l0.qr", "Mul", new float[] {1})),
                edit("a root to two digits", "", m -> tensor(m, "root", 8.02f)),
                edit(
                        "GELU from its parts",
                        "",
                        m -> {
                            initializer(m, "cubic", new float[] {0.0447f});
                            initializer(m, "rate", new float[] {0.798f});
                            initializer(m, "one", new float[] {1});
                            initializer(m, "half", new float[] {0.5f});
                            node(m, "l0.gated", n -> null);
                            add(m, "Mul", "l0.gate,l0.gate", "square");
                            add(m, "Mul", "square,l0.gate", "cube");
                            add(m, "Mul", "cube,cubic", "small");
                            add(m, "Add", "l0.gate,small", "sum");
                            add(m, "Mul", "sum,rate", "angle");
                            add(m, "Tanh", "angle", "tanh");
                            add(m, "Add", "tanh,one", "above");
                            add(m, "Mul", "above,half", "weight");
                            add(m, "Mul", "l0.gate,weight", "l0.gated");
                        }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("neutral")
    void whatChangesNothingIsNoReason(Edit edit, String nothing) throws IOException {
        EditableModel model = TinyDecoder.build();
        edit.accept(model);
        try (OnnxDecoder found = open(model);
                OnnxDecoder plain = openPlain()) {
            assertThat(found.config()).isEqualTo(plain.config());
            for (String name : plain.names()) {
                assertThat(found.vector(name)).as(name).isEqualTo(plain.vector(name));
            }
        }
    }

    @Test
    void aClipThatCutsIsRefused() {
        EditableModel model = TinyDecoder.build();
        clip(model, 6);
        assertThatThrownBy(() -> open(model).close()).hasMessageContaining("Clip 'the l4.out'");
    }

    /** ONNX Runtime fuses a factor into the product: it belongs to the weight. */
    @Test
    void aFusedFactorIsPartOfTheWeight() throws IOException {
        EditableModel model = TinyDecoder.build();
        node(
                model,
                "l0.o",
                n -> renamed(n, "FusedMatMul").add(NODE_ATTRIBUTE, real("alpha", 0.5f)));
        try (OnnxDecoder found = open(model);
                OnnxDecoder plain = openPlain()) {
            String name = "model.layers.0.self_attn.o_proj.weight";
            float[] half = plain.vector(name);
            for (int i = 0; i < half.length; i++) {
                half[i] *= 0.5f;
            }
            assertThat(found.vector(name)).isEqualTo(half);
        }
    }

    @Test
    void geluByErfIsAWarning() throws IOException {
        EditableModel model = TinyDecoder.build();
        node(
                model,
                "l0.gated",
                n -> n.replace(NODE_ATTRIBUTE, List.of(text("approximate", "none"))));
        try (OnnxDecoder found = open(model)) {
            assertThat(found.report().warnings()).anyMatch(w -> w.contains("by erf"));
        }
    }

    /** A scale on the queries is the operator's own scale times that. */
    @Test
    void aScaleOnQueriesCounts() throws IOException {
        EditableModel model = TinyDecoder.build();
        for (int layer = 0; layer < TinyDecoder.LAYERS; layer++) {
            behind(model, "l" + layer + ".qr", "Mul", new float[] {0.5f});
        }
        try (OnnxDecoder found = open(model)) {
            assertThat(found.config().queryPreAttentionScalar()).isEqualTo(100);
        }
    }

    @Test
    void singleStepsAreLookedThroughAsWell() throws IOException {
        for (String value :
                List.of(
                        "/model/layers.1/mlp/down_proj/MatMul_output_0",
                        "/model/layers.1/mlp/Mul_output_0",
                        "/model/layers.1/self_attn/v_proj/MatMul_output_0")) {
            EditableModel model =
                    EditableModel.read(Fixtures.fixture("micro/onnx/optimum-fp32/model.onnx"));
            boolean isThere =
                    model.nodes().stream().anyMatch(n -> n.texts(NODE_OUTPUT).contains(value));
            assertThat(isThere).as(value).isTrue();
            behind(model, value, "Mul", new float[] {0.22f});
            assertThatThrownBy(() -> open(model).close())
                    .hasMessageContaining("Mul 'the " + value + "': changes values " + CONSTANT);
        }
    }

    private OnnxDecoder open(EditableModel model) throws IOException {
        return OnnxDecoder.open(Files.write(folder.resolve("model.onnx"), model.bytes()));
    }

    private OnnxDecoder openPlain() throws IOException {
        Path other = Files.createDirectories(folder.resolve("plain")).resolve("model.onnx");
        return OnnxDecoder.open(Files.write(other, TinyDecoder.build().bytes()));
    }

    /** Puts an operator with a constant, or alone, behind a value that keeps its name. */
    private static void behind(EditableModel m, String value, String operator, float[] constant) {
        node(
                m,
                value,
                n ->
                        n.replaceTexts(
                                NODE_OUTPUT,
                                n.texts(NODE_OUTPUT).stream()
                                        .map(o -> o.equals(value) ? "plain " + o : o)
                                        .toList()));
        String inputs = "plain " + value;
        if (constant != null) {
            initializer(m, "constant of " + value, constant);
            inputs += ",constant of " + value;
        }
        add(m, operator, inputs, value);
    }

    private static void clip(EditableModel m, float bound) {
        initializer(m, "min", new float[] {-bound});
        initializer(m, "max", new float[] {bound});
        behind(m, "l4.out", "Clip", null);
        node(m, "l4.out", n -> extended(n, "min", "max"));
    }

    private static ProtoMessage skipNorm(ProtoMessage norm, String bias) {
        List<String> inputs = norm.texts(NODE_INPUT);
        return renamed(norm, "SkipSimplifiedLayerNormalization")
                .replaceTexts(NODE_INPUT, List.of("h0", "l0.attended", inputs.get(1), bias));
    }

    private static void attention(EditableModel m, ProtoMessage attribute) {
        node(m, "l0.context", n -> n.add(NODE_ATTRIBUTE, attribute));
    }

    private static void add(EditableModel m, String operator, String inputs, String output) {
        m.graph().add(GRAPH_NODE, operator(operator, List.of(inputs.split(",")), output));
    }

    private static void node(EditableModel m, String output, UnaryOperator<ProtoMessage> edit) {
        m.editNodes(n -> n.texts(NODE_OUTPUT).contains(output) ? edit.apply(n) : n);
    }

    private static ProtoMessage renamed(ProtoMessage node, String operator) {
        return node.replaceTexts(NODE_OPERATOR, List.of(operator));
    }

    private static ProtoMessage extended(ProtoMessage node, String... more) {
        List<String> inputs = new ArrayList<>(node.texts(NODE_INPUT));
        inputs.addAll(List.of(more));
        return node.replaceTexts(NODE_INPUT, inputs);
    }

    private static void initializer(EditableModel m, String name, float[] values) {
        m.graph().add(GRAPH_INITIALIZER, floats(name, values, values.length));
    }

    private static void tensor(EditableModel m, String name, float value) {
        m.editTensors(
                t -> t.text(TENSOR_NAME).equals(name) ? floats(name, new float[] {value}) : t);
    }

    private static float[] vector(int length, float last) {
        float[] values = new float[length];
        values[length - 1] = last;
        return values;
    }

    private static float[] ones(int length) {
        float[] values = new float[length];
        Arrays.fill(values, 1);
        return values;
    }
}
