package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import io.djlnpu.safetensors.TensorInfo;
import io.djlnpu.testing.ConverterFaults;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.TinyModel;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** {@link Q4nxFormat}'s page from the container on, sentence by sentence, on bundles of ours. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Q4nxContainerTest {

    @TempDir static Path folder;

    private static ModelBundle bundle;
    private static SafetensorsFile text;
    private static SafetensorsFile vision;
    private static byte[] textBytes;

    @BeforeAll
    static void writeBundle() throws Exception {
        Path path = folder.resolve("bundle");
        BundleWriter.write(new TinyModel(), path, BundleOptions.defaults());
        bundle = ModelBundle.open(path);
        text = SafetensorsFile.open(path.resolve(ModelBundle.WEIGHTS_FILE));
        vision = SafetensorsFile.open(path.resolve(ModelBundle.VISION_FILE));
        textBytes = Files.readAllBytes(path.resolve(ModelBundle.WEIGHTS_FILE));
    }

    @AfterAll
    static void closeBundle() {
        bundle.close();
        text.close();
        vision.close();
    }

    @Test
    @Order(41)
    @Says({
        "The file is safetensors: a 64-bit header length, a JSON header padded with spaces so that the length is a multiple of 8, and the data.",
        "There is no __metadata__."
    })
    void headerIsPaddedWithSpacesAndHasNoMetadata() {
        ByteBuffer bytes = ByteBuffer.wrap(textBytes).order(ByteOrder.LITTLE_ENDIAN);
        long length = bytes.getLong();
        assertThat(length % 8).isZero();
        String header = new String(textBytes, 8, (int) length, StandardCharsets.UTF_8);
        assertThat(header.stripTrailing()).startsWith("{").endsWith("}");
        assertThat(header).matches("(?s).*} *").doesNotContain("__metadata__");
    }

    @Test
    @Order(42)
    @Says({
        "A Q4NX matrix has dtype I8 and shape [blocks, 5120]; its rows and columns are not in the file, they follow from config.json.",
        "Everything else is BF16 in its own shape."
    })
    void matricesAreI8InBlocksAndAllElseIsBfloat16() {
        for (TensorInfo info : text.tensors().values()) {
            boolean matrix = info.name().contains("_proj.") || info.name().startsWith("lm_head");
            assertThat(info.dataType()).isEqualTo(matrix ? DataType.I8 : DataType.BF16);
            if (matrix) {
                TensorLayout layout = TensorLayout.find(config(), info.name()).orElseThrow();
                long blocks = layout.rows() / 32 * Math.ceilDiv(layout.columns(), 256);
                assertThat(info.shape()).containsExactly(blocks, 5120L);
            }
        }
    }

    @Test
    @Order(43)
    @Says(
            "All BF16 tensors come first, then all I8, each in bytewise order of the names, without gaps.")
    void bfloat16ComesFirstThenI8EachByNameWithoutGaps() {
        List<TensorInfo> byOffset =
                text.tensors().values().stream()
                        .sorted(Comparator.comparingLong(TensorInfo::offset))
                        .toList();
        assertThat(byOffset)
                .isSortedAccordingTo(
                        Comparator.comparing((TensorInfo t) -> t.dataType() == DataType.I8)
                                .thenComparing(TensorInfo::name));
        long next = 8 + ByteBuffer.wrap(textBytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        for (TensorInfo info : byOffset) {
            assertThat(info.offset()).isEqualTo(next);
            next += info.byteLength();
        }
        assertThat(next).isEqualTo(textBytes.length);
    }

    @Test
    @Order(44)
    @Says("A tensor may start at any multiple of 2.")
    void aTensorMayStartAtAnyMultipleOf2() throws Exception {
        Path file = folder.resolve("odd.q4nx");
        Q4nxTensor head = bundle.matrix(TensorLayout.HEAD);
        try (SafetensorsWriter writer =
                new SafetensorsWriter(
                        file,
                        List.of(
                                new Declaration("a", DataType.BF16, 1),
                                new Declaration("b", DataType.I8, 2, 5120)))) {
            writer.write(ByteBuffer.allocate(2));
            writer.write(head.data().asByteBuffer());
            writer.commit();
        }
        try (SafetensorsFile odd = SafetensorsFile.open(file)) {
            assertThat(odd.tensor("b").offset() % 4).isEqualTo(2);
            float[] found = new float[64 * 32];
            float[] expected = new float[64 * 32];
            Q4nxDecoder.decodeRows(new Q4nxTensor("b", 64, 32, odd.segment("b")), 0, 64, found);
            Q4nxDecoder.decodeRows(head, 0, 64, expected);
            assertThat(found).isEqualTo(expected);
        }
    }

    @Test
    @Order(50)
    @Says("Names are Hugging Face's.")
    void namesAreHuggingFaces() {
        List<String> names =
                new ArrayList<>(
                        List.of(
                                "lm_head.weight",
                                "model.embed_tokens.weight",
                                "model.norm.weight"));
        for (int layer = 0; layer < 2; layer++) {
            String prefix = "model.layers." + layer + ".";
            for (String part :
                    List.of(
                            "input_layernorm",
                            "mlp.down_proj",
                            "mlp.gate_proj",
                            "mlp.up_proj",
                            "post_attention_layernorm",
                            "post_feedforward_layernorm",
                            "pre_feedforward_layernorm",
                            "self_attn.k_norm",
                            "self_attn.k_proj",
                            "self_attn.o_proj",
                            "self_attn.q_norm",
                            "self_attn.q_proj",
                            "self_attn.v_proj")) {
                names.add(prefix + part + ".weight");
            }
        }
        assertThat(text.tensors().keySet()).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    @Order(51)
    @Says({
        "model.embed_tokens.weight: BF16 [vocabulary, hidden], already multiplied by sqrt(hidden): both as float32, the product rounded to bf16, nearest even.",
        "lm_head.weight: Q4NX.",
        "Where head and table are tied it is made from the table without that factor."
    })
    void tableIsMultipliedByTheRootAndTheHeadIsNot() throws Exception {
        float[] row = new float[32];
        new TinyModel().matrix("model.embed_tokens.weight").readRows(5, 1, row);
        float[] stored = new float[32];
        Bfloat16.toFloats(bundle.bfloat16("model.embed_tokens.weight"), 5 * 64, stored, 0, 32);
        float[] head = new float[32];
        Q4nxDecoder.decodeRows(bundle.matrix("lm_head.weight"), 5, 1, head);
        for (int i = 0; i < 32; i++) {
            assertThat(stored[i]).isEqualTo(Bfloat16.round(row[i] * (float) Math.sqrt(32)));
            assertThat(head[i]).isCloseTo(row[i], Offset.offset(0.02f));
        }
    }

    @Test
    @Order(52)
    @Says(
            "model.layers.N.self_attn.q_proj.weight, k_proj, v_proj, o_proj, and"
                    + " model.layers.N.mlp.gate_proj.weight, up_proj, down_proj: Q4NX.")
    void projectionsAreQ4nx() throws Exception {
        for (String part : List.of("q", "k", "v", "o")) {
            assertDecodes("model.layers.1.self_attn." + part + "_proj.weight");
        }
        for (String part : List.of("gate", "up", "down")) {
            assertDecodes("model.layers.0.mlp." + part + "_proj.weight");
        }
    }

    @Test
    @Order(53)
    @Says("norms: BF16, holding 1 + w of Hugging Face's w.")
    void normsAreBfloat16AsTheSourceHasThem() throws Exception {
        float[] expected = new TinyModel().vector("model.norm.weight");
        float[] stored = bundle.vector("model.norm.weight");
        for (int i = 0; i < expected.length; i++) {
            assertThat(stored[i]).isEqualTo(Bfloat16.round(expected[i]));
        }
    }

    @Test
    @Order(61)
    @Says({
        "All are BF16.",
        "Matrices are tiled as TiledMatrix says; biases, norms, position and patch embeddings are as they are."
    })
    void visionMatricesAreTiledAndTheProjectorIsTransposed() throws Exception {
        String name = VisionLayout.TOWER + "encoder.layers.0.mlp.fc1.weight";
        float[] source = new float[64 * 32];
        new TinyModel().matrix(name).readRows(0, 64, source);
        float[] stored = new float[source.length];
        bundle.visionMatrix(name).readRows(0, 64, stored);
        for (int i = 0; i < source.length; i++) {
            assertThat(stored[i]).isEqualTo(Bfloat16.round(source[i]));
        }
        for (VisionLayout layout : VisionLayout.list(config())) {
            TensorInfo info = vision.tensor(layout.name());
            assertThat(info.dataType()).as(layout.name()).isEqualTo(DataType.BF16);
            if (!layout.tiled()) {
                float[] plain = new TinyModel().vector(layout.name());
                MemorySegment bits = vision.segment(layout.name());
                assertThat(info.shape())
                        .isEqualTo(layout.shape().stream().map(Integer::longValue).toList());
                for (int i = 0; i < plain.length; i++) {
                    assertThat(bits.get(Bfloat16.LAYOUT, 2L * i))
                            .isEqualTo(Bfloat16.fromFloat(plain[i]));
                }
            }
        }
        MemorySegment tiles = bundle.bfloat16(name);
        assertThat(tiles.byteSize()).isEqualTo(2L * 256 * 256);
        // row 63 of the first tile, then the padding to its right
        assertThat(Bfloat16.toFloat(tiles.get(Bfloat16.LAYOUT, 2L * 63 * 256)))
                .isEqualTo(stored[63 * 32]);
        assertThat(tiles.get(Bfloat16.LAYOUT, 2L * (63 * 256 + 32))).isZero();

        float[] projector = new float[32 * 32];
        new TinyModel().matrix(VisionLayout.PROJECTOR).readRows(0, 32, projector);
        float[] turned = new float[32];
        bundle.visionMatrix(VisionLayout.PROJECTOR).readRows(3, 1, turned);
        for (int i = 0; i < 32; i++) {
            float half = Float.float16ToFloat(Float.floatToFloat16(projector[i * 32 + 3]));
            assertThat(turned[i]).isEqualTo(Bfloat16.round(half));
        }
    }

    @Test
    @Order(71)
    @Says(
            "Bundles older than 2026-08 have dtype Q4NX and another meaning of min; they are refused"
                    + " by name.")
    void oldBundlesAreRefusedByName() throws Exception {
        Path old = ConverterFaults.bundle(folder.resolve("old"));
        ConverterFaults.oldDataType(old);
        assertThatThrownBy(() -> ModelBundle.open(old))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("'Q4NX'")
                .hasMessageContaining("2026-08");
    }

    @Test
    @Order(72)
    @Says(
            "FastFlowLM's converter writes signed nibbles with min 0 for Q4_0 sources, and half of"
                    + " each code with scale = min for Q8_0 sources; neither has a flag,"
                    + " Q4nxInspection recognises both.")
    void bothFaultsAreRecognised() throws Exception {
        Path faulty = ConverterFaults.bundle(folder.resolve("faulty"));
        ConverterFaults.signedCodes(faulty, "model.layers.0.mlp.up_proj.weight");
        ConverterFaults.lostHalves(faulty, TensorLayout.HEAD);
        try (ModelBundle open = ModelBundle.open(faulty)) {
            Q4nxInspection up = Q4nxInspection.of(open.matrix("model.layers.0.mlp.up_proj.weight"));
            Q4nxInspection head = Q4nxInspection.of(open.matrix(TensorLayout.HEAD));
            Q4nxInspection sound =
                    Q4nxInspection.of(open.matrix("model.layers.1.mlp.up_proj.weight"));
            assertThat(up.looksLikeSignedCodes()).isTrue();
            assertThat(up.looksLikeLostQ8()).isFalse();
            assertThat(head.looksLikeLostQ8()).isTrue();
            assertThat(head.looksLikeSignedCodes()).isFalse();
            assertThat(sound.looksLikeSignedCodes() || sound.looksLikeLostQ8()).isFalse();
        }
    }

    @Test
    @Order(73)
    @Says("A scale or min may be infinite where the converter overflowed binary16.")
    void theConvertersOwnOverflowIsFound() throws Exception {
        try (SafetensorsFile golden =
                SafetensorsFile.open(Fixtures.golden("edge-f32-requant/model.q4nx"))) {
            String name = "model.layers.0.self_attn.k_proj.weight";
            MemorySegment data = golden.segment(name);
            int strips = (int) (data.byteSize() / Q4nxFormat.BLOCK_BYTES);
            Q4nxTensor tensor = new Q4nxTensor(name, 32 * strips, 256, data);
            assertThat(Q4nxInspection.of(tensor).notFinite()).isPositive();
        }
    }

    @Test
    @Order(75)
    @Says("Ours writes no such pair: there it rounds to bf16 directly.")
    void aRangeThatOverflowsBinary16StaysFinite() {
        float[] weights = new float[32 * 32];
        weights[0] = 3e6f;
        weights[1] = -3e6f;
        for (Encoding encoding : Encoding.values()) {
            byte[] blocks = new byte[Q4nxFormat.BLOCK_BYTES];
            new Q4nxEncoder(encoding).encode(weights, 32, blocks);
            float[] row = new float[32];
            Q4nxDecoder.decodeRows(
                    new Q4nxTensor("w", 32, 32, MemorySegment.ofArray(blocks)), 0, 1, row);
            assertThat(row[0]).isCloseTo(3e6f, Offset.offset(2.1e5f));
            // Q4_0 has eight levels on one side of zero and seven on the other
            float half = encoding == Encoding.Q4_0 ? 3.8e5f : 2.1e5f;
            assertThat(row[1]).isCloseTo(-3e6f, Offset.offset(half));
        }
    }

    private static DecoderSpec config() {
        return bundle.config();
    }

    private static void assertDecodes(String name) throws Exception {
        assertThat(text.tensor(name).dataType()).isEqualTo(DataType.I8);
        WeightMatrix source = new TinyModel().matrix(name);
        float[] expected = new float[source.rows() * source.columns()];
        float[] found = new float[expected.length];
        source.readRows(0, source.rows(), expected);
        Q4nxDecoder.decodeRows(bundle.matrix(name), 0, source.rows(), found);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], Offset.offset(0.02f));
        }
    }
}
