package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.TensorInfo;
import io.djlnpu.testing.TinyModel;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** {@link Q4nxFormat}'s page, sentence by sentence, on hand-made bytes and a bundle of ours. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Q4nxFormatTest {

    @TempDir static Path folder;

    private static ModelBundle bundle;
    private static SafetensorsFile text;
    private static byte[] textBytes;

    @BeforeAll
    static void writeBundle() throws Exception {
        Path path = folder.resolve("bundle");
        BundleWriter.write(new TinyModel(), path, BundleOptions.defaults());
        bundle = ModelBundle.open(path);
        text = SafetensorsFile.open(path.resolve(ModelBundle.WEIGHTS_FILE));
        textBytes = Files.readAllBytes(path.resolve(ModelBundle.WEIGHTS_FILE));
    }

    @org.junit.jupiter.api.AfterAll
    static void closeBundle() {
        bundle.close();
        text.close();
    }

    @Test
    @Order(11)
    void valueIsScaleTimesCodePlusMinEachRounded() {
        ByteBuffer block = block();
        short scale = Bfloat16.fromFloat(0.1f);
        short min = Bfloat16.fromFloat(-0.7f);
        block.putShort(0, scale).putShort(512, min).put(1024, (byte) 15);
        float product = Bfloat16.toFloat(scale) * 15;
        assertThat(value(block, 0, 0)).isEqualTo(product + Bfloat16.toFloat(min));
    }

    @Test
    @Order(12)
    void codesAreUnsignedNibbles() {
        ByteBuffer block = block();
        block.putShort(0, Bfloat16.fromFloat(1));
        for (int code = 0; code < 16; code++) {
            block.put(1024, (byte) code);
            assertThat(value(block, 0, 0)).isEqualTo(code);
        }
    }

    @Test
    @Order(13)
    void bfloat16IsTheUpperHalfOfAFloat() {
        float value = 1.5e-3f;
        short bits = (short) (Float.floatToIntBits(value) >>> 16);
        assertThat(Bfloat16.toFloat(bits)).isEqualTo(Float.intBitsToFloat(bits << 16));
    }

    @Test
    @Order(14)
    void onePairServes32ColumnsOfOneRow() {
        ByteBuffer block = block();
        block.putShort(512 + 2 * (32 + 3), Bfloat16.fromFloat(2));
        for (int row = 0; row < 32; row++) {
            for (int column = 0; column < 256; column++) {
                boolean served = row == 3 && column >= 32 && column < 64;
                assertThat(value(block, row, column)).isEqualTo(served ? 2 : 0);
            }
        }
    }

    @Test
    @Order(21)
    void columnsArePaddedTo256() {
        assertThat(Q4nxFormat.paddedColumns(1)).isEqualTo(256);
        assertThat(Q4nxFormat.paddedColumns(256)).isEqualTo(256);
        assertThat(Q4nxFormat.paddedColumns(640)).isEqualTo(768);
        assertThat(Q4nxFormat.paddedColumns(1152)).isEqualTo(1280);
    }

    @Test
    @Order(22)
    void paddingIsZero() {
        float[] weights = new float[32 * 96];
        java.util.Arrays.fill(weights, 3);
        for (Encoding encoding : Encoding.values()) {
            byte[] blocks = new byte[Q4nxFormat.BLOCK_BYTES];
            java.util.Arrays.fill(blocks, (byte) 0x55);
            new Q4nxEncoder(encoding).encode(weights, 96, blocks);
            ByteBuffer block = ByteBuffer.wrap(blocks).order(ByteOrder.LITTLE_ENDIAN);
            for (int pair = 3 * 32; pair < 256; pair++) {
                assertThat(block.getShort(2 * pair)).isZero();
                assertThat(block.getShort(512 + 2 * pair)).isZero();
            }
            for (int half = 0; half < 2; half++) {
                for (int i = 96 * 8; i < 2048; i++) {
                    assertThat(blocks[1024 + 2048 * half + i]).isZero();
                }
            }
        }
    }

    @Test
    @Order(23)
    void rowsAreMultiplesOf32() {
        MemorySegment data = MemorySegment.ofArray(new byte[5120]);
        assertThatThrownBy(() -> new Q4nxTensor("w", 31, 256, data))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Order(31)
    void blocksGoFromLeftToRightAndThenDown() {
        byte[] data = new byte[(int) Q4nxFormat.byteLength(64, 512)];
        assertThat(data).hasSize(4 * 5120);
        ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 4; i++) {
            bytes.putShort(i * 5120 + 512, Bfloat16.fromFloat(i + 1));
        }
        Q4nxTensor tensor = new Q4nxTensor("w", 64, 512, MemorySegment.ofArray(data));
        float[] values = new float[64 * 512];
        Q4nxDecoder.decodeRows(tensor, 0, 64, values);
        assertThat(List.of(values[0], values[256], values[32 * 512], values[32 * 512 + 256]))
                .containsExactly(1f, 2f, 3f, 4f);
    }

    @Test
    @Order(32)
    void scaleAndMinOfRowAndGroupAreNumber32TimesGroupPlusRow() {
        for (int row : new int[] {0, 1, 15, 16, 31}) {
            for (int group = 0; group < 8; group++) {
                ByteBuffer block = block();
                block.putShort(2 * (32 * group + row), Bfloat16.fromFloat(1));
                block.putShort(512 + 2 * (32 * group + row), Bfloat16.fromFloat(100));
                java.util.Arrays.fill(block.array(), 1024, 5120, (byte) 0x77);
                assertThat(value(block, row, 32 * group + 31)).isEqualTo(107);
                assertThat(value(block, (row + 1) % 32, 32 * group + 31)).isZero();
            }
        }
    }

    @Test
    @Order(33)
    void byteOfAColumnHoldsTwoRowsOfItsHalf() {
        for (int half = 0; half < 2; half++) {
            for (int k = 0; k < 8; k++) {
                for (int column : new int[] {0, 1, 31, 32, 255}) {
                    ByteBuffer block = block();
                    for (int pair = 0; pair < 256; pair++) {
                        block.putShort(2 * pair, Bfloat16.fromFloat(1));
                    }
                    block.put(1024 + 2048 * half + 8 * column + k, (byte) 0xb4);
                    assertThat(value(block, 16 * half + 2 * k, column)).isEqualTo(4);
                    assertThat(value(block, 16 * half + 2 * k + 1, column)).isEqualTo(11);
                }
            }
        }
    }

    @Test
    @Order(41)
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
    void matricesAreI8InBlocksAndAllElseIsBfloat16() {
        for (TensorInfo info : text.tensors().values()) {
            boolean matrix = info.name().contains("_proj.") || info.name().startsWith("lm_head");
            assertThat(info.dataType()).isEqualTo(matrix ? DataType.I8 : DataType.BF16);
            if (matrix) {
                assertThat(info.shape()).hasSize(2).element(1).isEqualTo(5120L);
            }
        }
    }

    @Test
    @Order(43)
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
    @Order(51)
    void tableIsMultipliedByTheRootAndTheHeadIsNot() throws Exception {
        float[] row = new float[32];
        new TinyModel().matrix("model.embed_tokens.weight").readRows(5, 1, row);
        float[] stored = new float[32];
        Bfloat16.toFloats(bundle.bfloat16("model.embed_tokens.weight"), 5 * 64, stored, 0, 32);
        float[] head = new float[32];
        Q4nxDecoder.decodeRows(bundle.matrix("lm_head.weight"), 5, 1, head);
        for (int i = 0; i < 32; i++) {
            assertThat(stored[i]).isEqualTo(Bfloat16.round(row[i] * (float) Math.sqrt(32)));
            assertThat(head[i]).isCloseTo(row[i], org.assertj.core.data.Offset.offset(0.02f));
        }
    }

    @Test
    @Order(52)
    void normsAreBfloat16AsTheSourceHasThem() throws Exception {
        float[] expected = new TinyModel().vector("model.norm.weight");
        float[] stored = bundle.vector("model.norm.weight");
        for (int i = 0; i < expected.length; i++) {
            assertThat(stored[i]).isEqualTo(Bfloat16.round(expected[i]));
        }
    }

    @Test
    @Order(61)
    void visionMatricesAreTiledAndTheProjectorIsTransposed() throws Exception {
        String name = VisionLayout.TOWER + "encoder.layers.0.mlp.fc1.weight";
        float[] source = new float[64 * 32];
        new TinyModel().matrix(name).readRows(0, 64, source);
        float[] stored = new float[source.length];
        bundle.visionMatrix(name).readRows(0, 64, stored);
        for (int i = 0; i < source.length; i++) {
            assertThat(stored[i]).isEqualTo(Bfloat16.round(source[i]));
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
            assertThat(row[0]).isCloseTo(3e6f, org.assertj.core.data.Offset.offset(2.1e5f));
            assertThat(row[1]).isCloseTo(-3e6f, org.assertj.core.data.Offset.offset(2.1e5f));
        }
    }

    private static ByteBuffer block() {
        return ByteBuffer.allocate(5120).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static float value(ByteBuffer block, int row, int column) {
        float[] values = new float[32 * 256];
        MemorySegment data = MemorySegment.ofArray(block.array());
        Q4nxDecoder.decodeBlock(new Q4nxTensor("w", 32, 256, data), 0, 0, values);
        return values[row * 256 + column];
    }
}
