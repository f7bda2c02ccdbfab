package io.djlnpu.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.aie2p.DequantBlock;
import io.djlnpu.aie2p.GateRow;
import io.djlnpu.bundle.GateActivation;
import io.djlnpu.kernel.DequantEngine;
import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.kernel.GegluMul;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.Pipeline;
import io.djlnpu.tile.RuntimeSequence;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The time of the run beside the price, which share nothing but the device's rates. Both are
 * computed: no clock of the host is read.
 */
class MachineAgainstPriceTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;
    private static final int DEPTH = 2;

    private static Region zeros(int elements) {
        return Memory.ddr("zeros", new byte[2 * elements]);
    }

    private static double priced(DataflowPlan plan) {
        return Pipeline.of(DEVICE, RuntimeSequence.of(DEVICE, plan, DEPTH)).seconds();
    }

    private static void sameWithinTenPercent(KernelRun run, DataflowPlan plan) {
        Traffic traffic = run.traffic();
        assertThat(traffic.readFrom(Memory.Level.DDR)).isEqualTo(plan.ddrReadBytes());
        assertThat(traffic.writtenTo(Memory.Level.DDR)).isEqualTo(plan.ddrWriteBytes());
        assertThat(run.seconds()).isCloseTo(priced(plan), Percentage.withPercentage(10));
    }

    /** Projections of the 270M, the 1B and the 4B. */
    @ParameterizedTest
    @CsvSource({
        "1024, 640",
        "2048, 640",
        "640, 2048",
        "1024, 1152",
        "6912, 1152",
        "1152, 6912",
        "2048, 2560",
        "10240, 2560",
        "2560, 10240"
    })
    void projections(int rows, int columns) {
        int padded = Q4nxFormat.paddedColumns(columns);
        int blocks = (int) (Q4nxFormat.byteLength(rows, columns) / Q4nxFormat.BLOCK_BYTES);
        Region weights = Memory.ddr("weights", new byte[blocks * Q4nxFormat.BLOCK_BYTES]);
        KernelDesign design =
                new ProjectionDesign(weights, zeros(padded), zeros(rows), DEPTH, false);
        sameWithinTenPercent(KernelRun.of(DEVICE, design), FusedDqp.plan(DEVICE, rows, columns));

        // the price has bf16 weights sent back, the machine the matrix unit's blocks
        Region result = Memory.ddr("result", blocks * DequantBlock.BYTES);
        KernelRun dequantised = KernelRun.of(DEVICE, new DequantDesign(weights, result));
        DataflowPlan plan = DequantEngine.plan(DEVICE, rows, columns);
        double bytes = weights.bytes() + (double) result.bytes();
        double share = bytes / (plan.ddrReadBytes() + plan.ddrWriteBytes());
        assertThat(dequantised.seconds())
                .isCloseTo(share * priced(plan), Percentage.withPercentage(10));
    }

    @ParameterizedTest
    @CsvSource({"512, 4, 1", "2048, 4, 1", "512, 8, 4", "2048, 8, 4"})
    void decodeAttention(int keys, int heads, int kvHeads) {
        int width = kvHeads * 256;
        KernelDesign design =
                new FlowKvDesign(
                        zeros(heads * 256),
                        zeros(keys * width),
                        zeros(keys * width),
                        zeros(heads * 256),
                        kvHeads,
                        256,
                        0,
                        keys);
        DataflowPlan plan = FlowKv.plan(DEVICE, keys, heads, kvHeads, 256);
        sameWithinTenPercent(KernelRun.of(DEVICE, design), plan);
    }

    @ParameterizedTest
    @CsvSource({"640, 2048", "1152, 6912", "2560, 10240"})
    void rows(int hidden, int intermediate) {
        int size = 128 * hidden;
        KernelDesign norm = RowDesigns.norm(DEVICE, zeros(size), zeros(hidden), zeros(size), 1e-6f);
        sameWithinTenPercent(KernelRun.of(DEVICE, norm), RmsNorm.plan(DEVICE, 128, hidden, false));
        int wide = 32 * intermediate;
        KernelDesign gate =
                RowDesigns.gate(
                        DEVICE,
                        GateRow.Activation.GELU,
                        zeros(wide),
                        zeros(wide),
                        zeros(wide),
                        intermediate);
        sameWithinTenPercent(
                KernelRun.of(DEVICE, gate),
                GegluMul.plan(DEVICE, 32, intermediate, GateActivation.GELU_TANH));
    }
}
