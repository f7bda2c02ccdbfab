package io.djlnpu.aie2p;

import static io.djlnpu.aie2p.Golden.same;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectionsTest {

    @ParameterizedTest
    @ValueSource(strings = {"gemv_tiny_q_proj", "gemv_tiny_down_proj", "gemv_real270m_k_proj"})
    void decodeProjectionNarrowsPartialSums(String name) throws Exception {
        try (Golden golden = new Golden(name)) {
            float[] x = golden.floats("x");
            byte[] blocks = golden.bytes("blocks");
            float[] sums = new float[x.length / 32];
            int across = x.length / 256;
            for (int b = 0; b < across; b++) {
                GroupProduct.inputSums(x, b * 256, sums, b * 8);
            }
            same("sums", sums, golden.floats("group_sums"));
            float[] dots = golden.floats("group_dots_f32");
            float[] narrow = golden.floats("group_dots_bf16");
            float[] acc = golden.floats("acc_f32");
            float[] y = golden.floats("y");
            float[] rows = new float[y.length];
            float[] group = new float[32];
            for (int i = 0; i < blocks.length / 5120; i++) {
                int c = i % across;
                int row = i / across * 32;
                for (int g = 0; g < 8; g++) {
                    GroupProduct.groupDots(blocks, i * 5120, g, x, c * 256 + g * 32, group);
                    for (int r = 0; r < 32; r++) {
                        int at = (row + r) * across * 8 + c * 8 + g;
                        same("dot", group[r], dots[at]);
                        same("narrow dot", Floor.bf16(group[r]), narrow[at]);
                    }
                }
                GroupProduct.accumulate(blocks, i * 5120, x, c * 256, sums, c * 8, rows, row);
            }
            same("acc", rows, acc);
            Floor.bf16(rows, 0, rows.length);
            same("y", rows, y);
        }
    }

    @Test
    void dequantisesForTheMatrixUnit() throws Exception {
        try (Golden golden = new Golden("q4nx_dequant")) {
            byte[] blocks = golden.bytes("blocks");
            float[] exact = golden.floats("w_f32");
            float[] narrow = golden.floats("w_bf16_floor");
            byte[] encoded = golden.bytes("bfp16ebs8");
            float[] found = new float[exact.length];
            float[] weights = new float[32 * 256];
            byte[] result = new byte[encoded.length];
            for (int b = 0; b < blocks.length / 5120; b++) {
                for (int i = 0; i < weights.length; i++) {
                    same(
                            "weight",
                            DequantBlock.weight(blocks, b * 5120, i / 256, i % 256),
                            exact[b * weights.length + i]);
                }
                DequantBlock.weights(blocks, b * 5120, weights);
                System.arraycopy(weights, 0, found, b * weights.length, weights.length);
                DequantBlock.blocks(blocks, b * 5120, result, b * DequantBlock.BYTES);
            }
            same("narrow", found, narrow);
            assertThat(result).isEqualTo(encoded);
        }
    }

    @Test
    void prefillProductIsOneOfBlocks() throws Exception {
        try (Golden golden = new Golden("gemm_prefill")) {
            float[] a = golden.floats("a");
            byte[] blocks = golden.bytes("blocks");
            float[] acc = golden.floats("acc_bfp16_f32");
            float[] y = golden.floats("y_bfp16");
            int columns = 512;
            byte[] left = BlockFloat.encode(a, 0, a.length);
            byte[] right = new byte[blocks.length / 5120 * DequantBlock.BYTES];
            for (int b = 0; b < blocks.length / 5120; b++) {
                DequantBlock.blocks(blocks, b * 5120, right, b * DequantBlock.BYTES);
            }
            for (int i = 0; i < acc.length; i++) {
                int token = i / 64;
                int row = i % 64;
                float sum = 0;
                for (int c = 0; c < columns; c += 8) {
                    int block = row / 32 * 2 + c / 256;
                    int at = block * DequantBlock.BYTES + DequantBlock.offset(row % 32, c % 256);
                    sum =
                            BlockFloat.multiplyAdd(
                                    sum, left, (token * columns + c) / 8 * 9, right, at);
                }
                same("acc " + i, sum, acc[i]);
                same("y " + i, Floor.bf16(sum), y[i]);
            }
        }
    }
}
