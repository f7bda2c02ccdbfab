package io.djlnpu.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.aie2p.BlockFloat;
import io.djlnpu.aie2p.DequantBlock;
import io.djlnpu.aie2p.Floor;
import io.djlnpu.tile.NpuDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiledMatmulDesignTest {

    @ParameterizedTest
    @CsvSource({
        "1, 1, 256, 8, 32", "2, 5, 256, 8, 32", "3, 4, 512, 8, 32", "9, 3, 256, 8, 32",
        "8, 8, 256, 8, 64", "17, 9, 256, 4, 32", "5, 6, 768, 16, 64", "1, 10, 512, 64, 32",
        "4, 2, 256, 32, 64"
    })
    void multiplies(int tokenTiles, int rowBlocks, int columns, int m, int n) {
        int tokens = tokenTiles * m;
        int rows = rowBlocks * 32;
        Samples samples = new Samples(tokens + rows);
        float[] a = samples.bf16(tokens * columns);
        byte[] q4nx = samples.blocks(rowBlocks * columns / 256);
        byte[] w = new byte[q4nx.length / 5120 * DequantBlock.BYTES];
        for (int b = 0; b < q4nx.length / 5120; b++) {
            DequantBlock.blocks(q4nx, b * 5120, w, b * DequantBlock.BYTES);
        }
        byte[] left = BlockFloat.encode(a, 0, a.length);
        float[] expected = new float[tokens * rows];
        for (int i = 0; i < expected.length; i++) {
            int row = i % rows;
            float sum = 0;
            for (int c = 0; c < columns; c += 8) {
                int block = row / 32 * (columns / 256) + c / 256;
                int at = block * DequantBlock.BYTES + DequantBlock.offset(row % 32, c % 256);
                int from = (i / rows * columns + c) / 8 * 9;
                sum = BlockFloat.multiplyAdd(sum, left, from, w, at);
            }
            expected[i] = Floor.bf16(sum);
        }
        Region result = Memory.ddr("result", 2 * expected.length);
        Region activations = Samples.ddr("activations", a);
        Region weights = Memory.ddr("weights", w);
        KernelRun run =
                KernelRun.of(
                        NpuDevice.KRACKAN,
                        new TiledMatmulDesign(activations, weights, result, columns, m, n));
        assertThat(Samples.content(result)).isEqualTo(Samples.bytes(expected));
        long turns = Math.ceilDiv(tokenTiles, 8);
        assertThat(run.traffic().readFrom(Memory.Level.DDR))
                .isEqualTo(2L * a.length + turns * w.length);
        assertThat(run.traffic().writtenTo(Memory.Level.DDR)).isEqualTo(2L * expected.length);
    }
}
