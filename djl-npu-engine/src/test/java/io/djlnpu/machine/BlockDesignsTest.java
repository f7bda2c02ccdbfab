package io.djlnpu.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.aie2p.DequantBlock;
import io.djlnpu.aie2p.Floor;
import io.djlnpu.aie2p.GroupProduct;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.NpuDevice.Parameter;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Machine bytes are those of the arithmetic, whatever the shape. */
class BlockDesignsTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;

    static Stream<Arguments> shapes() {
        return IntStream.of(1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40)
                .boxed()
                .flatMap(rows -> Stream.of(1, 2, 3, 5).map(across -> Arguments.of(rows, across)));
    }

    static float[] product(byte[] blocks, float[] x) {
        int across = x.length / 256;
        float[] sums = new float[8 * across];
        for (int b = 0; b < across; b++) {
            GroupProduct.inputSums(x, 256 * b, sums, 8 * b);
        }
        float[] rows = new float[blocks.length / 5120 / across * 32];
        for (int i = 0; i < blocks.length / 5120; i++) {
            int c = i % across;
            int row = i / across * 32;
            GroupProduct.accumulate(blocks, i * 5120, x, 256 * c, sums, 8 * c, rows, row);
        }
        return rows;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void projects(int rowBlocks, int across) {
        Samples samples = new Samples(rowBlocks * 100L + across);
        byte[] blocks = samples.blocks(rowBlocks * across);
        float[] x = samples.bf16(256 * across);
        float[] expected = product(blocks, x);
        Region weights = Memory.ddr("weights", blocks);
        Region vector = Samples.ddr("vector", x);
        Region head = Memory.ddr("head", 4 * expected.length);
        KernelRun.of(DEVICE, new ProjectionDesign(weights, vector, head, 2, true));
        assertThat(head.float32(0, expected.length)).isEqualTo(expected);
        Floor.bf16(expected, 0, expected.length);
        Region result = Memory.ddr("result", 2 * expected.length);
        KernelRun run =
                KernelRun.of(DEVICE, new ProjectionDesign(weights, vector, result, 2, false));
        assertThat(Samples.content(result)).isEqualTo(Samples.bytes(expected));
        var plan = FusedDqp.plan(DEVICE, 32 * rowBlocks, 256 * across);
        assertThat(run.traffic().readFrom(Memory.Level.DDR)).isEqualTo(plan.ddrReadBytes());
        assertThat(run.traffic().writtenTo(Memory.Level.DDR)).isEqualTo(plan.ddrWriteBytes());
        int columns = Math.min(8, rowBlocks);
        int cores = 0;
        for (int c = 0; c < columns; c++) {
            cores += Math.min(4, rowBlocks * (c + 1) / columns - rowBlocks * c / columns);
        }
        long results = 2L * expected.length;
        assertThat(run.traffic().writtenTo(Memory.Level.L2))
                .isEqualTo(blocks.length + 2L * x.length * columns + results);
        assertThat(run.traffic().writtenTo(Memory.Level.L1))
                .isEqualTo(blocks.length + 2L * x.length * cores);
        assertThat(run.traffic().readFrom(Memory.Level.L1)).isEqualTo(results);
        assertThat(run.l1Bytes()).isLessThanOrEqualTo(DEVICE.geometry().l1Bytes());
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void dequantises(int rows, int across) {
        byte[] blocks = new Samples(rows + across).blocks(rows * across);
        byte[] expected = new byte[blocks.length / 5120 * DequantBlock.BYTES];
        for (int b = 0; b < blocks.length / 5120; b++) {
            DequantBlock.blocks(blocks, b * 5120, expected, b * DequantBlock.BYTES);
        }
        Region result = Memory.ddr("result", expected.length);
        Region weights = Memory.ddr("weights", blocks);
        KernelRun run = KernelRun.of(DEVICE, new DequantDesign(weights, result));
        assertThat(Samples.content(result)).isEqualTo(expected);
        assertThat(run.traffic().readFrom(Memory.Level.DDR)).isEqualTo(blocks.length);
        assertThat(run.traffic().writtenTo(Memory.Level.L1)).isEqualTo(blocks.length);
        assertThat(run.traffic().readFrom(Memory.Level.L1)).isEqualTo(expected.length);
        assertThat(run.traffic().writtenTo(Memory.Level.DDR)).isEqualTo(expected.length);
    }

    @Test
    void runsAreEqual() {
        byte[] blocks = new Samples(1).blocks(33 * 2);
        Region vector = Samples.ddr("vector", new Samples(2).bf16(512));
        double[] seconds = new double[2];
        for (int i = 0; i < 2; i++) {
            Region result = Memory.ddr("result", 33 * 64);
            Region weights = Memory.ddr("weights", blocks);
            var design = new ProjectionDesign(weights, vector, result, 2, false);
            seconds[i] = KernelRun.of(DEVICE, design).seconds();
        }
        assertThat(seconds[0]).isEqualTo(seconds[1]);
    }

    @Test
    void aFifoOfOneSlotGivesTheSameBytesLater() {
        // memory so fast that the cores' work decides
        NpuDevice quick = DEVICE.with(Parameter.DDR, 1e12).with(Parameter.STREAM, 60e9);
        byte[] blocks = new Samples(3).blocks(64 * 4);
        Region vector = Samples.ddr("vector", new Samples(4).bf16(1024));
        Region weights = Memory.ddr("weights", blocks);
        Region two = Memory.ddr("result", 64 * 64);
        Region one = Memory.ddr("result", 64 * 64);
        KernelRun fast = KernelRun.of(quick, new ProjectionDesign(weights, vector, two, 2, false));
        KernelRun slow = KernelRun.of(quick, new ProjectionDesign(weights, vector, one, 1, false));
        assertThat(Samples.content(one)).isEqualTo(Samples.content(two));
        assertThat(slow.seconds()).isGreaterThan(fast.seconds());
    }

    /** Weights stream as fast as memory allows, give or take the ends. */
    @Test
    void takesTheTimeOfItsWeights() {
        byte[] blocks = new Samples(5).blocks(80 * 10);
        Region weights = Memory.ddr("weights", blocks);
        Region vector = Samples.ddr("vector", new Samples(6).bf16(2560));
        Region result = Memory.ddr("result", 80 * 64);
        double seconds =
                KernelRun.of(DEVICE, new ProjectionDesign(weights, vector, result, 2, false))
                        .seconds();
        double least = blocks.length / DEVICE.ddr().value();
        assertThat(seconds).isBetween(least, 1.25 * least);
    }
}
