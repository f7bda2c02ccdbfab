package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.testing.Onnx.*;
import static io.djlnpu.onnx.testing.TinyDecoder.floats;
import static io.djlnpu.onnx.testing.TinyDecoder.integer;
import static io.djlnpu.onnx.testing.TinyDecoder.operator;
import static io.djlnpu.onnx.testing.TinyDecoder.shaped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other ways to write down a weight, or table and head, of the same model. */
class WeightFormsTest {

    private static final String GATE = "model.layers.0.mlp.gate_proj.weight";
    private static final int WIDTH = TinyDecoder.HIDDEN;
    private static final int HIGH = TinyDecoder.INTERMEDIATE;

    @TempDir Path folder;

    @Test
    void integersOfSixteenBits() throws IOException {
        for (int type : new int[] {4, 5}) {
            EditableModel model = TinyDecoder.build();
            short[] codes = new short[WIDTH * HIGH];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = (short) (i * 11 - 30_000);
            }
            ByteBuffer raw = ByteBuffer.allocate(2 * codes.length).order(ByteOrder.LITTLE_ENDIAN);
            raw.asShortBuffer().put(codes);
            tensor(model, shaped("codes", type, WIDTH, HIGH).add(TENSOR_RAW, raw.array()));
            tensor(model, floats("scale", new float[] {0.5f}));
            gate(model, operator("DequantizeLinear", List.of("codes", "scale"), "l0.gate_weight"));
            try (OnnxDecoder found = open(model)) {
                float[] gate = found.vector(GATE);
                for (int row = 0; row < HIGH; row++) {
                    for (int column = 0; column < WIDTH; column++) {
                        int code = codes[column * HIGH + row];
                        assertThat(gate[row * WIDTH + column])
                                .isEqualTo(0.5f * (type == 4 ? code & 0xFFFF : code));
                    }
                }
            }
        }
    }

    @Test
    void onnxRuntimesOwnDequantizeLinear() throws IOException {
        EditableModel model = TinyDecoder.build();
        byte[] codes = new byte[WIDTH * HIGH];
        Arrays.fill(codes, (byte) -3);
        tensor(model, shaped("codes", 3, WIDTH, HIGH).add(TENSOR_RAW, codes));
        tensor(model, floats("scale", new float[] {0.5f}));
        gate(
                model,
                operator("DequantizeLinear", List.of("codes", "scale"), "l0.gate_weight")
                        .add(NODE_DOMAIN, "com.microsoft"));
        try (OnnxDecoder found = open(model)) {
            assertThat(found.vector(GATE)).containsOnly(-1.5f);
        }
    }

    /** 4-bit codes are carried over whatever moves them or narrows what they mean. */
    @ParameterizedTest
    @ValueSource(strings = {"Cast", "Split", "Concat"})
    void fourBitsBehindOtherOperators(String operator) throws IOException {
        EditableModel model = TinyDecoder.build();
        boolean split = operator.equals("Split");
        int rows = split ? 2 * HIGH : operator.equals("Concat") ? HIGH / 2 : HIGH;
        byte[] codes = new byte[rows * WIDTH / 2];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) (i * 37 + i / 32);
        }
        float[] scales = new float[rows * WIDTH / 32];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = 1 + i % 5;
        }
        tensor(model, shaped("codes", 21, rows, WIDTH).add(TENSOR_RAW, codes));
        tensor(model, floats("scales", scales, rows, WIDTH / 32));
        gate(
                model,
                operator("DequantizeLinear", List.of("codes", "scales"), "all")
                        .add(NODE_ATTRIBUTE, integer("axis", 1))
                        .add(NODE_ATTRIBUTE, integer("block_size", 32)),
                switch (operator) {
                    case "Cast" ->
                            operator("Cast", List.of("all"), "part")
                                    .add(NODE_ATTRIBUTE, integer("to", 10));
                    case "Split" ->
                            operator("Split", List.of("all"), "other")
                                    .add(NODE_OUTPUT, "part")
                                    .add(NODE_ATTRIBUTE, integer("axis", 0));
                    default ->
                            operator("Concat", List.of("all", "all"), "part")
                                    .add(NODE_ATTRIBUTE, integer("axis", 0));
                },
                operator("Transpose", List.of("part"), "l0.gate_weight"));
        try (OnnxDecoder found = open(model)) {
            byte[] carried = new byte[HIGH * WIDTH];
            float[] carriedScales = new float[HIGH * WIDTH / 32];
            found.matrix(GATE)
                    .affine()
                    .orElseThrow()
                    .readRows(0, HIGH, carried, carriedScales, new float[carriedScales.length]);
            int offset = split ? HIGH : 0;
            for (int row = 0; row < HIGH; row++) {
                int source = (row + offset) % rows * WIDTH;
                for (int column = 0; column < WIDTH; column++) {
                    int pair = codes[(source + column) / 2] & 0xFF;
                    assertThat(carried[row * WIDTH + column])
                            .isEqualTo((byte) (column % 2 == 0 ? pair & 15 : pair >> 4));
                }
                assertThat(carriedScales[2 * row]).isEqualTo(scales[source / 32]);
            }
        }
    }

    /** Exporters that flatten batch and sequence split along axis 1. */
    @Test
    void packedProjectionsOfFlattenedActivations() throws IOException {
        EditableModel model = TinyDecoder.build();
        int[] widths = {TinyDecoder.HEADS * TinyDecoder.HEAD_DIM, TinyDecoder.HEAD_DIM};
        int all = widths[0] + 2 * widths[1];
        float[] packed = new float[WIDTH * all];
        for (int i = 0; i < packed.length; i++) {
            packed[i] = i % all;
        }
        tensor(model, floats("packed", packed, WIDTH, all));
        tensor(model, TinyDecoder.longs("two", -1, all));
        tensor(model, TinyDecoder.longs("widths", widths[0], widths[1], widths[1]));
        model.editNodes(n -> n.text(NODE_OUTPUT).matches("l0\\.[qkv]") ? null : n);
        add(model, operator("MatMul", List.of("l0.in", "packed"), "l0.qkv"));
        add(model, operator("Reshape", List.of("l0.qkv", "two"), "l0.flat"));
        add(
                model,
                operator("Split", List.of("l0.flat", "widths"), "l0.q")
                        .add(NODE_OUTPUT, "l0.k")
                        .add(NODE_OUTPUT, "l0.v")
                        .add(NODE_ATTRIBUTE, integer("axis", 1)));
        try (OnnxDecoder found = open(model)) {
            assertThat(found.vector("model.layers.0.self_attn.q_proj.weight"))
                    .startsWith(new float[WIDTH])
                    .endsWith(row(widths[0] - 1));
            assertThat(found.vector("model.layers.0.self_attn.v_proj.weight"))
                    .startsWith(row(widths[0] + widths[1]))
                    .endsWith(row(all - 1));
        }
    }

    @Test
    void aFormThatIsNotReadIsNamed() {
        EditableModel model = TinyDecoder.build();
        gate(
                model,
                operator("QuantizeLinear", List.of("original", "scale"), "codes"),
                operator("DequantizeLinear", List.of("codes", "scale"), "l0.gate_weight"));
        tensor(model, floats("original", new float[WIDTH * HIGH], WIDTH, HIGH));
        tensor(model, floats("scale", new float[] {0.5f}));
        assertThatThrownBy(() -> open(model).close())
                .hasMessageContaining("QuantizeLinear 'the codes': holds a weight in a form");
        EditableModel other = TinyDecoder.build();
        other.editNodes(
                n ->
                        n.texts(NODE_OUTPUT).contains("l0.down")
                                ? n.replaceTexts(NODE_OPERATOR, List.of("DynamicQuantizeMatMul"))
                                : n);
        assertThatThrownBy(() -> open(other).close())
                .hasMessageContaining("DynamicQuantizeMatMul 'the l0.down': holds a weight");
    }

    /** The models that see have 64 more ids than those that do not, and files mix them. */
    @Test
    void aHeadOfFewerRowsThanTheTable() throws IOException {
        EditableModel model = TinyDecoder.build();
        float[] table = ownHead(model, 96);
        try (OnnxDecoder found = open(model)) {
            assertThat(found.names()).doesNotContain("lm_head.weight");
            assertThat(found.config().vocabSize()).isEqualTo(TinyDecoder.VOCABULARY);
            assertThat(found.vector("model.embed_tokens.weight")).isEqualTo(table);
            assertThat(found.report().warnings())
                    .anyMatch(w -> w.contains("lm_head: 96 rows, the table has 128"));
        }
    }

    /** A token that somebody added: the bundle pads its rows, the model does not know them. */
    @Test
    void aVocabularyOfAnySizeKeepsItsSize() throws Exception {
        EditableModel model = TinyDecoder.build();
        float[] table = new float[(TinyDecoder.VOCABULARY + 1) * WIDTH];
        model.editTensors(
                t ->
                        t.text(TENSOR_NAME).equals("table")
                                ? floats("table", table, TinyDecoder.VOCABULARY + 1, WIDTH)
                                : t);
        try (OnnxDecoder found = open(model)) {
            assertThat(found.config().vocabSize()).isEqualTo(TinyDecoder.VOCABULARY + 1);
        }
    }

    /** Gives the model a head of its own, of the first rows of the table; returns the table. */
    private static float[] ownHead(EditableModel model, int rows) {
        float[] table = new float[TinyDecoder.VOCABULARY * WIDTH];
        for (int i = 0; i < table.length; i++) {
            table[i] = i;
        }
        model.editTensors(
                t ->
                        t.text(TENSOR_NAME).equals("table")
                                ? floats("table", table, TinyDecoder.VOCABULARY, WIDTH)
                                : t);
        tensor(model, floats("own", Arrays.copyOf(table, rows * WIDTH), rows, WIDTH));
        model.editNodes(
                n ->
                        n.texts(NODE_OUTPUT).contains("head")
                                ? n.replaceTexts(NODE_INPUT, List.of("own"))
                                : n);
        return table;
    }

    private static float[] row(float value) {
        float[] values = new float[WIDTH];
        Arrays.fill(values, value);
        return values;
    }

    private OnnxDecoder open(EditableModel model) throws IOException {
        return OnnxDecoder.open(Files.write(folder.resolve("model.onnx"), model.bytes()));
    }

    /** Puts nodes in the place of the gate's initializer. */
    private static void gate(EditableModel model, ProtoMessage... nodes) {
        model.editTensors(
                t ->
                        t.text(TENSOR_NAME).equals("l0.gate_weight")
                                ? floats("unused", new float[0], 0)
                                : t);
        List.of(nodes).forEach(node -> add(model, node));
    }

    private static void add(EditableModel model, ProtoMessage node) {
        model.graph().add(GRAPH_NODE, node);
    }

    private static void tensor(EditableModel model, ProtoMessage tensor) {
        model.graph().add(GRAPH_INITIALIZER, tensor);
    }
}
