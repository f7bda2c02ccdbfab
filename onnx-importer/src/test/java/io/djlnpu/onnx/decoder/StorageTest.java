package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.testing.Onnx.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same decoder, its weights stored and multiplied in every way that ONNX knows. */
class StorageTest {

    private static final int FLOAT = 1;
    private static final int INT8 = 3;
    private static final int FLOAT16 = 10;
    private static final int BFLOAT16 = 16;

    @TempDir Path folder;
    private Path plain;

    @BeforeEach
    void write() throws IOException {
        plain = Files.write(folder.resolve("plain.onnx"), TinyDecoder.build().bytes());
    }

    private static boolean isFloat(ProtoMessage tensor) {
        return tensor.integer(TENSOR_TYPE) == FLOAT;
    }

    private static List<Float> values(ProtoMessage tensor) {
        ByteBuffer raw = ByteBuffer.wrap(tensor.raw(TENSOR_RAW)).order(ByteOrder.LITTLE_ENDIAN);
        List<Float> values = new ArrayList<>();
        while (raw.hasRemaining()) {
            values.add(raw.getFloat());
        }
        return values;
    }

    private static ProtoMessage retyped(ProtoMessage tensor, int type) {
        return tensor.remove(TENSOR_RAW).remove(TENSOR_TYPE).add(TENSOR_TYPE, type);
    }

    private static ProtoMessage raw(ProtoMessage tensor, int type) {
        List<Float> values = values(tensor);
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.size()).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach(value -> bytes.putShort(half(value, type)));
        return retyped(tensor, type).add(TENSOR_RAW, bytes.array());
    }

    private static ProtoMessage integers(ProtoMessage tensor, int type) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (float value : values(tensor)) {
            int bits = half(value, type) & 0xffff;
            for (; bits > 0x7f; bits >>>= 7) {
                packed.write(bits & 0x7f | 0x80);
            }
            packed.write(bits);
        }
        return retyped(tensor, type).add(TENSOR_INT32S, packed.toByteArray());
    }

    private static short half(float value, int type) {
        return type == BFLOAT16 ? Bfloat16.fromFloat(value) : Float.floatToFloat16(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "float_data",
                "float16 raw_data",
                "float16 int32_data",
                "bfloat16 raw_data",
                "bfloat16 int32_data"
            })
    void everyFieldOfATensor(String storage) throws IOException {
        EditableModel model =
                TinyDecoder.build()
                        .editTensors(
                                tensor -> {
                                    if (!isFloat(tensor)) {
                                        return tensor;
                                    }
                                    int type = storage.startsWith("b") ? BFLOAT16 : FLOAT16;
                                    if (storage.equals("float_data")) {
                                        byte[] floats = tensor.raw(TENSOR_RAW);
                                        return tensor.remove(TENSOR_RAW).add(TENSOR_FLOATS, floats);
                                    }
                                    return storage.endsWith("raw_data")
                                            ? raw(tensor, type)
                                            : integers(tensor, type);
                                });
        assertSame(model, storage.startsWith("b") ? 4e-3 : 5e-4);
    }

    @Test
    void weightsBehindDequantizeLinear() throws IOException {
        EditableModel model = TinyDecoder.build();
        List<ProtoMessage> nodes = new ArrayList<>();
        List<ProtoMessage> tensors = new ArrayList<>();
        for (ProtoMessage tensor : model.graph().messages(GRAPH_INITIALIZER)) {
            String name = tensor.text(TENSOR_NAME);
            if (!name.matches("l\\d+\\.(q|k|v|o|gate|up|down)_weight")) {
                tensors.add(tensor);
                continue;
            }
            List<Float> values = values(tensor);
            float scale = 1f / 127;
            byte[] codes = new byte[values.size()];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = (byte) Math.clamp(Math.round(values.get(i) / scale), -127, 127);
            }
            tensors.add(
                    retyped(tensor, INT8)
                            .remove(TENSOR_NAME)
                            .add(TENSOR_NAME, name + "_codes")
                            .add(TENSOR_RAW, codes));
            tensors.add(TinyDecoder.floats(name + "_scale", new float[] {scale}));
            nodes.add(
                    TinyDecoder.operator(
                            "DequantizeLinear", List.of(name + "_codes", name + "_scale"), name));
        }
        nodes.addAll(model.nodes());
        model.graph().replace(GRAPH_INITIALIZER, tensors).replace(GRAPH_NODE, nodes);
        assertSame(model, 0.6 / 127);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FastGelu", "Gelu"})
    void contribGelus(String operator) throws IOException {
        EditableModel model =
                TinyDecoder.build()
                        .editNodes(
                                node -> {
                                    if (!node.text(NODE_OPERATOR).equals("Gelu")) {
                                        return node;
                                    }
                                    return node.remove(NODE_OPERATOR)
                                            .remove(NODE_ATTRIBUTE)
                                            .add(NODE_OPERATOR, operator)
                                            .add(NODE_DOMAIN, "com.microsoft");
                                });
        assertSame(model, 0);
    }

    private void assertSame(EditableModel model, double tolerance) throws IOException {
        Path changed = Files.write(folder.resolve("changed.onnx"), model.bytes());
        try (OnnxDecoder expected = OnnxDecoder.open(plain);
                OnnxDecoder found = OnnxDecoder.open(changed)) {
            assertThat(found.names()).isEqualTo(expected.names());
            assertThat(found.config().layers()).isEqualTo(expected.config().layers());
            for (String name : expected.names()) {
                float[] a = all(expected.matrix(name));
                float[] b = all(found.matrix(name));
                assertThat(b).as(name).hasSameSizeAs(a);
                for (int i = 0; i < a.length; i++) {
                    assertThat((double) b[i]).as(name).isCloseTo(a[i], within(tolerance));
                }
            }
        }
    }

    private static float[] all(WeightMatrix matrix) throws IOException {
        float[] values = new float[matrix.rows() * matrix.columns()];
        matrix.readRows(0, matrix.rows(), values);
        return values;
    }
}
