package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.TinyModel;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** {@link Q4nxFormat}'s page up to the block, sentence by sentence, on hand-made bytes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Q4nxFormatTest {

    @Test
    @Order(1)
    @Says("Q4NX, the 4-bit weight format of FastFlowLM.")
    void holdsWhatFastFlowLmsConverterWrote() throws Exception {
        try (SafetensorsFile golden =
                SafetensorsFile.open(Fixtures.golden("edge-q4_1/model.q4nx"))) {
            assertThat(golden.tensors().values())
                    .filteredOn(tensor -> tensor.dataType() == DataType.I8)
                    .isNotEmpty()
                    .allMatch(tensor -> tensor.byteLength() % Q4nxFormat.BLOCK_BYTES == 0);
        }
    }

    @Test
    @Order(2)
    @Says(
            "This page is the specification; numbers are little endian, indices count from 0, and a"
                    + " matrix is [rows, columns] = [outputs, inputs].")
    void numbersAreLittleEndianAndRowsAreOutputs() {
        ByteBuffer block = block();
        block.put(0, (byte) 0x40).put(1, (byte) 0x40).put(1024, (byte) 1);
        assertThat(value(block, 0, 0)).as("0x4040, row 0, column 0").isEqualTo(3);
        DecoderSpec config = new TinyModel().config();
        TensorLayout down =
                TensorLayout.find(config, "model.layers.0.mlp.down_proj.weight").orElseThrow();
        assertThat(down.rows()).isEqualTo(config.hiddenSize());
        assertThat(down.columns()).isEqualTo(config.intermediateSize());
    }

    @Test
    @Order(11)
    @Says("A weight is scale * code + min: the product is rounded to float32, then the sum.")
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
    @Says("The code is an unsigned nibble, 0 to 15.")
    void codesAreUnsignedNibbles() {
        ByteBuffer block = block();
        block.putShort(0, Bfloat16.fromFloat(1));
        for (int code = 0; code < 16; code++) {
            block.put(1024, (byte) code);
            assertThat(value(block, 0, 0)).isEqualTo(code);
        }
        assertThat(Q4nxFormat.MAX_CODE).isEqualTo(15);
    }

    @Test
    @Order(13)
    @Says("Scale and min are bf16, the upper half of a float32.")
    void bfloat16IsTheUpperHalfOfAFloat() {
        ByteBuffer block = block();
        // 0x3fc0 is the upper half of 1.5, 0xbf40 that of -0.75
        block.putShort(0, (short) 0x3fc0).putShort(512, (short) 0xbf40).put(1024, (byte) 2);
        assertThat(Float.floatToIntBits(1.5f)).isEqualTo(0x3fc00000);
        assertThat(value(block, 0, 0)).isEqualTo(2 * 1.5f - 0.75f);
    }

    @Test
    @Order(14)
    @Says(
            "One pair serves a group: 32 consecutive columns of one row, beginning at a multiple of 32.")
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
    @Order(15)
    @Says("The min is an offset that is added, not a zero point that is subtracted.")
    void minIsAdded() {
        ByteBuffer block = block();
        block.putShort(0, Bfloat16.fromFloat(2)).putShort(512, Bfloat16.fromFloat(3));
        assertThat(value(block, 0, 0)).as("code 0").isEqualTo(3);
        block.put(1024, (byte) 4);
        assertThat(value(block, 0, 0)).isEqualTo(2 * 4 + 3);
    }

    @Test
    @Order(21)
    @Says("Columns are padded to a multiple of 256.")
    void columnsArePaddedTo256() {
        assertThat(Q4nxFormat.paddedColumns(1)).isEqualTo(256);
        assertThat(Q4nxFormat.paddedColumns(256)).isEqualTo(256);
        assertThat(Q4nxFormat.paddedColumns(640)).isEqualTo(768);
        assertThat(Q4nxFormat.paddedColumns(1152)).isEqualTo(1280);
    }

    @Test
    @Order(22)
    @Says("Groups of padding have scale 0, min 0 and codes 0, all bits zero.")
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
    @Says("Rows are never padded: their number must be a multiple of 32.")
    void rowsAreMultiplesOf32() {
        MemorySegment data = MemorySegment.ofArray(new byte[5120]);
        assertThatThrownBy(() -> new Q4nxTensor("w", 31, 256, data))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Order(31)
    @Says({
        "The padded matrix is cut into blocks of 32 rows and 256 columns.",
        "All blocks of the first 32 rows come first, from left to right, then those of the next 32 rows; nothing lies between them.",
        "A block has 5120 bytes, 5 bits a weight:"
    })
    void blocksGoFromLeftToRightAndThenDown() {
        byte[] data = new byte[(int) Q4nxFormat.byteLength(64, 512)];
        assertThat(data).as("4 blocks and nothing between").hasSize(4 * 5120);
        assertThat(8.0 * Q4nxFormat.BLOCK_BYTES / (32 * 256)).as("bits a weight").isEqualTo(5);
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
    @Says({
        "bytes 0 to 511: 256 scales.",
        "The scale of row r (0 to 31 in the block) and group g (0 to 7) is number 32 * g + r.",
        "bytes 512 to 1023: 256 mins, in the same order."
    })
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
    @Says({
        "bytes 1024 to 5119: codes.",
        "Those of rows 0 to 15 come first, then those of rows 16 to 31, 2048 bytes each.",
        "A half has 8 bytes for each of the 256 columns in turn.",
        "Byte k of a column holds row 2k of the half in its low nibble and row 2k + 1 in its high nibble."
    })
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
