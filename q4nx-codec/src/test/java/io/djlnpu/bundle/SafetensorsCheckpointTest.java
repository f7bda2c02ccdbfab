package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint says the same in whatever parts and names it comes. */
class SafetensorsCheckpointTest {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @TempDir Path folder;

    /** A tensor to be written under another name, or left out. */
    private interface Edit {
        String name(String original);
    }

    @Test
    void partsWithAnIndexAreTheWhole() throws IOException {
        Path source = Fixtures.require("families/qwen3/checkpoint");
        Path sharded = folder.resolve("sharded");
        copy(source, sharded, DataType.F32, 3, name -> name);
        assertThat(Files.mismatch(bundle(source, "a"), bundle(sharded, "b"))).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "model.language_model.", "language_model.model."})
    void namesMayLieBelowAPrefix(String prefix) throws IOException {
        Path source = Fixtures.require("families/llama/checkpoint");
        Path renamed = folder.resolve("renamed");
        copy(source, renamed, DataType.F32, 1, name -> name.replaceFirst("^model\\.", prefix));
        assertThat(Files.mismatch(bundle(source, "a"), bundle(renamed, "b"))).isEqualTo(-1);
    }

    /** Half the numbers give what float32 gives of the same values. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"BF16", "F16"})
    void halvesAreWidened(DataType type) throws IOException {
        Path source = Fixtures.require("families/qwen3/checkpoint");
        Path halved = folder.resolve("halved");
        copy(source, halved, type, 1, name -> name);
        try (SafetensorsCheckpoint whole = SafetensorsCheckpoint.open(source);
                SafetensorsCheckpoint half = SafetensorsCheckpoint.open(halved)) {
            for (String name :
                    List.of(TensorLayout.EMBEDDING, "model.layers.1.self_attn.o_proj.weight")) {
                float[] expected = new float[whole.matrix(name).columns()];
                float[] found = new float[expected.length];
                whole.matrix(name).readRows(5, 1, expected);
                half.matrix(name).readRows(5, 1, found);
                for (int i = 0; i < found.length; i++) {
                    assertThat(found[i]).isEqualTo(rounded(expected[i], type));
                }
            }
        }
    }

    @Test
    void whatABundleCannotHoldIsNamedAtOnce() throws IOException {
        Path source = Fixtures.require("families/llama/checkpoint");
        Path broken = folder.resolve("broken");
        copy(
                source,
                broken,
                DataType.F32,
                1,
                name ->
                        name.replace("layers.1.self_attn.q_proj.weight", "layers.1.q.qweight")
                                .replace("layers.2.input_layernorm", "layers.2.extra.bias"));
        assertThatThrownBy(() -> SafetensorsCheckpoint.open(broken))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContainingAll(
                        "no 'model.layers.1.self_attn.q_proj.weight'",
                        "no 'model.layers.2.input_layernorm.weight'",
                        "'model.layers.1.q.qweight', which a bundle cannot hold",
                        "'model.layers.2.extra.bias.weight'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{\"weight_map\": 3}",
                "{\"weight_map\": {}}",
                "{\"weight_map\": {\"a\": \"../secret.safetensors\"}}",
                "{\"weight_map\": {\"a\": \"/etc/passwd\"}}",
                "{\"weight_map\": {\"a\": 5}}",
                "{\"weight_map\": {\"a\": \"missing.safetensors\"}}"
            })
    void anIndexOfAStrangerIsRefused(String index) throws IOException {
        Files.copy(
                Fixtures.require("families/llama/checkpoint/config.json"),
                folder.resolve("config.json"));
        Files.writeString(folder.resolve("model.safetensors.index.json"), index);
        assertThatThrownBy(() -> SafetensorsCheckpoint.open(folder))
                .isInstanceOf(ModelFormatException.class);
    }

    private Path bundle(Path checkpoint, String name) throws IOException {
        try (SafetensorsCheckpoint source = SafetensorsCheckpoint.open(checkpoint)) {
            BundleWriter.write(
                    source,
                    folder.resolve(name),
                    BundleOptions.defaults().withEncoding(Encoding.MINMAX));
        }
        return folder.resolve(name).resolve(ModelBundle.WEIGHTS_FILE);
    }

    private static void copy(Path source, Path target, DataType type, int parts, Edit edit)
            throws IOException {
        Files.createDirectory(target);
        Files.copy(source.resolve("config.json"), target.resolve("config.json"));
        StringBuilder index = new StringBuilder();
        try (SafetensorsFile file = SafetensorsFile.open(source.resolve("model.safetensors"))) {
            List<String> names = new ArrayList<>(file.tensors().keySet());
            for (int part = 0; part < parts; part++) {
                String own = parts == 1 ? "model.safetensors" : "model-" + part + ".safetensors";
                List<String> mine = new ArrayList<>();
                for (int i = part; i < names.size(); i += parts) {
                    mine.add(names.get(i));
                }
                for (String name : mine) {
                    index.append(index.isEmpty() ? "" : ",")
                            .append("\"%s\":\"%s\"".formatted(edit.name(name), own));
                }
                write(file, mine, target.resolve(own), type, edit);
            }
        }
        if (parts > 1) {
            Files.writeString(
                    target.resolve("model.safetensors.index.json"),
                    "{\"weight_map\":{" + index + "}}");
        }
    }

    private static void write(
            SafetensorsFile file, List<String> names, Path target, DataType type, Edit edit)
            throws IOException {
        List<Declaration> declarations = new ArrayList<>();
        for (String name : names) {
            long[] shape = file.tensor(name).shape().stream().mapToLong(Long::longValue).toArray();
            declarations.add(new Declaration(edit.name(name), type, shape));
        }
        try (SafetensorsWriter writer = new SafetensorsWriter(target, declarations)) {
            for (String name : names) {
                MemorySegment data = file.segment(name);
                ByteBuffer bytes =
                        ByteBuffer.allocate((int) data.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
                for (float value : data.toArray(FLOAT)) {
                    switch (type) {
                        case F32 -> bytes.putFloat(value);
                        case BF16 -> bytes.putShort(Bfloat16.fromFloat(value));
                        default -> bytes.putShort(Float.floatToFloat16(value));
                    }
                }
                writer.write(bytes.flip());
            }
            writer.commit();
        }
    }

    private static float rounded(float value, DataType type) {
        return type == DataType.BF16
                ? Bfloat16.toFloat(Bfloat16.fromFloat(value))
                : Float.float16ToFloat(Float.floatToFloat16(value));
    }
}
