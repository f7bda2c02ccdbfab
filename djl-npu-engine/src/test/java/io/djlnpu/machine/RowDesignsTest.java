package io.djlnpu.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.aie2p.GateRow;
import io.djlnpu.aie2p.NormRow;
import io.djlnpu.aie2p.ResidualRow;
import io.djlnpu.aie2p.RotateHead;
import io.djlnpu.tile.NpuDevice;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowDesignsTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;
    private static final float EPSILON = 1e-6f;
    private static final int[] ROWS = {1, 2, 7, 8, 9, 17};

    @ParameterizedTest
    @ValueSource(ints = {64, 90, 256, 320, 640, 1152, 2560})
    void norms(int width) {
        for (int rows : ROWS) {
            float[] x = new Samples(rows).bf16(rows * width);
            float[] weight = new Samples(width).bf16(width);
            Region result = Memory.ddr("y", 2 * x.length);
            Region w = Samples.ddr("w", weight);
            KernelRun run =
                    KernelRun.of(
                            DEVICE,
                            RowDesigns.norm(DEVICE, Samples.ddr("x", x), w, result, EPSILON));
            for (int i = 0; i < rows; i++) {
                NormRow.apply(x, i * width, width, weight, 0, EPSILON);
            }
            assertThat(Samples.content(result)).isEqualTo(Samples.bytes(x));
            long weights = 2L * width * Math.min(8, rows);
            assertThat(run.traffic().readFrom(Memory.Level.DDR)).isEqualTo(2L * x.length + weights);
            assertThat(run.traffic().writtenTo(Memory.Level.L1)).isEqualTo(2L * x.length + weights);
            assertThat(run.traffic().writtenTo(Memory.Level.DDR)).isEqualTo(2L * x.length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 64, 90, 640, 1022, 1026, 2048, 6912})
    void addsResiduals(int width) {
        for (int rows : ROWS) {
            float[] x = new Samples(rows).bf16(rows * width);
            float[] y = new Samples(width).bf16(rows * width);
            Region result = Memory.ddr("sum", 2 * x.length);
            KernelDesign design =
                    RowDesigns.residual(
                            DEVICE, Samples.ddr("x", x), Samples.ddr("y", y), result, width);
            KernelRun run = KernelRun.of(DEVICE, design);
            ResidualRow.add(x, y, x.length);
            assertThat(Samples.content(result)).isEqualTo(Samples.bytes(x));
            assertThat(run.traffic().readFrom(Memory.Level.DDR)).isEqualTo(4L * x.length);
        }
    }

    @ParameterizedTest
    @EnumSource(GateRow.Activation.class)
    void gates(GateRow.Activation activation) {
        for (int width : new int[] {64, 896, 2048, 6912}) {
            for (int rows : ROWS) {
                float[] gate = new Samples(rows).bf16(rows * width);
                float[] up = new Samples(width).bf16(rows * width);
                Region result = Memory.ddr("y", 2 * up.length);
                Region g = Samples.ddr("gate", gate);
                Region u = Samples.ddr("up", up);
                KernelRun.of(DEVICE, RowDesigns.gate(DEVICE, activation, g, u, result, width));
                GateRow.apply(activation, gate, up, up.length);
                assertThat(Samples.content(result)).isEqualTo(Samples.bytes(gate));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"64, 1", "64, 4", "128, 3", "256, 1", "256, 8"})
    void normsAndRotatesHeads(int headDim, int heads) {
        for (int tokens : ROWS) {
            float[] x = new Samples(tokens).bf16(tokens * heads * headDim);
            float[] weight = new Samples(headDim).bf16(headDim);
            float[] angles = new Samples(heads).bf16(tokens * headDim);
            Region result = Memory.ddr("y", 2 * x.length);
            KernelRun.of(
                    DEVICE,
                    RowDesigns.headNormRotate(
                            DEVICE,
                            Samples.ddr("x", x),
                            Samples.ddr("w", weight),
                            Samples.ddr("angles", angles),
                            result,
                            EPSILON));
            for (int i = 0; i < tokens * heads; i++) {
                int angle = i / heads * headDim;
                float[] cosine = Arrays.copyOfRange(angles, angle, angle + headDim / 2);
                float[] sine = Arrays.copyOfRange(angles, angle + headDim / 2, angle + headDim);
                NormRow.apply(x, i * headDim, headDim, weight, 0, EPSILON);
                RotateHead.apply(x, i * headDim, headDim, cosine, sine);
            }
            assertThat(Samples.content(result)).isEqualTo(Samples.bytes(x));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 9})
    void movesRows(int row) {
        float[] table = new Samples(row).bf16(10 * 320);
        Region result = Memory.ddr("row", 640);
        KernelRun.of(DEVICE, MoveDesign.embeddingRow(Samples.ddr("table", table), row, result));
        float[] expected = Arrays.copyOfRange(table, row * 320, row * 320 + 320);
        assertThat(Samples.content(result)).isEqualTo(Samples.bytes(expected));
        Region cache = Memory.ddr("cache", 10 * 640);
        Region rows = Samples.ddr("rows", expected);
        KernelRun.of(DEVICE, MoveDesign.cacheAppend(rows, cache, 20 + row, 640));
        assertThat(cache.get(640 * row, 640)).isEqualTo(Samples.bytes(expected));
    }
}
