package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import io.djlnpu.safetensors.TensorInfo;
import io.djlnpu.testing.Fixtures;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every file that FastFlowLM's converter wrote is read to the bit and written again to the byte.
 */
class GoldenTest {

    private static final String EDGE_FLOAT = "edge-f32-requant";
    private static final String EDGE_Q4_1 = "edge-q4_1";

    @ParameterizedTest
    @ValueSource(
            strings = {
                EDGE_FLOAT,
                EDGE_Q4_1,
                "micro-f32-requant",
                "micro-q4_1",
                "micro-q4_1-default",
                "micro-q5_1",
                "storyteller-f32-requant"
            })
    void decodesToTheDigestsValues(String golden) throws Exception {
        JsonObject digest = tensors(golden);
        try (SafetensorsFile file = SafetensorsFile.open(model(golden))) {
            int matrices = 0;
            for (TensorInfo info : file.tensors().values()) {
                if (info.dataType() == DataType.I8) {
                    JsonObject expected = digest.getAsJsonObject(info.name());
                    Q4nxTensor tensor = tensor(file, info, expected);
                    float[] values = new float[tensor.rows() * tensor.columns()];
                    Q4nxDecoder.decodeRows(tensor, 0, tensor.rows(), values);
                    String sum = expected.get("decoded_f32_sha256").getAsString();
                    if (!expected.getAsJsonObject("decoded")
                            .get("min")
                            .toString()
                            .contains("nan")) {
                        assertThat(sha256(values)).as(info.name()).isEqualTo(sum);
                        matrices++;
                    }
                }
            }
            assertThat(matrices).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                EDGE_FLOAT,
                EDGE_Q4_1,
                "micro-f32-requant",
                "micro-q4_0",
                "micro-q4_1",
                "micro-q4_1-default",
                "micro-q5_1",
                "storyteller-f32-requant"
            })
    void takenApartAndPutTogetherIsTheSame(String golden) throws Exception {
        JsonObject digest = tensors(golden);
        try (SafetensorsFile file = SafetensorsFile.open(model(golden))) {
            for (TensorInfo info : file.tensors().values()) {
                if (info.dataType() == DataType.I8) {
                    Q4nxTensor tensor = tensor(file, info, digest.getAsJsonObject(info.name()));
                    assertThat(repack(tensor))
                            .as(info.name())
                            .isEqualTo(
                                    tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                EDGE_FLOAT,
                EDGE_Q4_1,
                "micro-f32-requant",
                "micro-q4_0",
                "micro-q4_1",
                "micro-q4_1-default",
                "micro-q5_1",
                "micro-vision-bf16",
                "storyteller-f32-requant",
                "storyteller-vision-bf16"
            })
    void containerIsWrittenAgainToTheByte(String golden, @TempDir Path folder) throws Exception {
        Path copy = folder.resolve("copy.q4nx");
        try (SafetensorsFile file = SafetensorsFile.open(model(golden))) {
            List<TensorInfo> inOrder =
                    file.tensors().values().stream()
                            .sorted(
                                    Comparator.comparing(
                                                    (TensorInfo t) -> t.dataType() == DataType.I8)
                                            .thenComparing(TensorInfo::name))
                            .toList();
            List<Declaration> declarations =
                    inOrder.stream()
                            .map(
                                    t ->
                                            new Declaration(
                                                    t.name(),
                                                    t.dataType(),
                                                    t.shape().stream()
                                                            .mapToLong(Long::longValue)
                                                            .toArray()))
                            .toList();
            try (SafetensorsWriter writer = new SafetensorsWriter(copy, declarations)) {
                for (TensorInfo info : inOrder) {
                    writer.write(file.segment(info.name()).asByteBuffer());
                }
                writer.commit();
            }
        }
        assertThat(Files.mismatch(copy, model(golden))).isEqualTo(-1);
    }

    private static byte[] repack(Q4nxTensor tensor) {
        int columns = tensor.columns();
        int groups = Math.ceilDiv(columns, 32);
        byte[] codes = new byte[32 * columns];
        float[] scales = new float[32 * groups];
        float[] mins = new float[32 * groups];
        int stripBytes = tensor.columnBlocks() * Q4nxFormat.BLOCK_BYTES;
        byte[] strip = new byte[stripBytes];
        byte[] all = new byte[(int) tensor.data().byteSize()];
        Q4nxEncoder encoder = new Q4nxEncoder(Encoding.SEARCH);
        for (int i = 0; i < tensor.rowBlocks(); i++) {
            Q4nxDecoder.unpackRows(tensor, 32 * i, 32, codes, scales, mins);
            encoder.carryOver(codes, scales, mins, columns, strip);
            System.arraycopy(strip, 0, all, i * stripBytes, stripBytes);
        }
        return all;
    }

    private static Q4nxTensor tensor(SafetensorsFile file, TensorInfo info, JsonObject digest)
            throws Exception {
        var shape = digest.getAsJsonArray("logical_shape");
        return new Q4nxTensor(
                info.name(),
                shape.get(0).getAsInt(),
                shape.get(1).getAsInt(),
                file.segment(info.name()));
    }

    private static Path model(String golden) {
        return Fixtures.golden(golden + "/model.q4nx");
    }

    private static JsonObject tensors(String golden) throws Exception {
        return Fixtures.json(Fixtures.golden(golden + "/digest.json")).getAsJsonObject("tensors");
    }

    private static String sha256(float[] values) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes.array());
        return HexFormat.of().formatHex(sum);
    }
}
