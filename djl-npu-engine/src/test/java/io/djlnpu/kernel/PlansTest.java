package io.djlnpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Flow;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.NpuDevice.Parameter;
import io.djlnpu.tile.ObjectFifo;
import io.djlnpu.tile.Pipeline;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.tile.TileShare;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlansTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;

    @Test
    void everyPlanOfAKnownModelFits() {
        for (int[] shape :
                new int[][] {{640, 4, 1, 2048}, {1152, 4, 1, 6912}, {2560, 8, 4, 10240}}) {
            int hidden = shape[0];
            for (DataflowPlan plan :
                    List.of(
                            FusedDqp.plan(DEVICE, 2 * shape[3], hidden),
                            FusedDqp.plan(DEVICE, hidden, shape[3]),
                            TiledMatmul.plan(DEVICE, 4096, 2 * shape[3], hidden),
                            DequantEngine.plan(DEVICE, 2 * shape[3], hidden),
                            FlowQkv.plan(
                                    DEVICE, AttentionSpan.causal(4096, 0), shape[1], shape[2], 256),
                            FlowKv.plan(DEVICE, 32768, shape[1], shape[2], 256),
                            RmsNorm.plan(DEVICE, 4096, hidden, true),
                            Rope.plan(DEVICE, 4096, shape[1], 256),
                            GegluMul.plan(DEVICE, 4096, shape[3], GateActivation.GELU_TANH),
                            LmHead.plan(DEVICE, 262144, hidden))) {
                assertThat(plan.misfits()).as(plan.kernel()).isEmpty();
                assertThat(plan.shares().size()).isLessThanOrEqualTo(DEVICE.computeTiles());
                assertOwnedOnce(plan.shares());
            }
        }
    }

    /** Every unit up to the last belongs to one tile. */
    private static void assertOwnedOnce(List<TileShare> shares) {
        BitSet owned = new BitSet();
        for (TileShare share : shares) {
            assertThat(share.units()).isPositive();
            for (int unit = share.first(); unit < share.end(); unit += share.stride()) {
                assertThat(owned.get(unit)).isFalse();
                owned.set(unit);
            }
        }
        assertThat(owned.cardinality()).isEqualTo(owned.length());
    }

    private static double seconds(DataflowPlan plan) {
        return Pipeline.of(DEVICE, RuntimeSequence.of(DEVICE, plan, ObjectFifo.PING_PONG))
                .seconds();
    }

    /**
     * Tokens are dealt over columns and outputs over rows, so that a product takes the whole array
     * however narrow it is.
     */
    @Test
    void aNarrowProductCostsNoMoreThanItsTilesDo() {
        int tokens = 4096;
        int columns = 2560;
        double before = 0;
        for (int rows = 32; rows <= 4096; rows += 32) {
            DataflowPlan plan = TiledMatmul.plan(DEVICE, tokens, rows, columns);
            long tiles = Math.ceilDiv(rows, 32 * DEVICE.computeRows()) * 32L * DEVICE.computeRows();
            double compute = tokens * tiles * columns / DEVICE.macsPerSecond();
            double memory = plan.work().ddrBytes() / DEVICE.ddr().value();
            double now = seconds(plan);
            assertThat(now / Math.max(compute, memory)).as("%d rows", rows).isBetween(0.999, 1.02);
            assertThat(now).as("%d rows", rows).isGreaterThanOrEqualTo(before * 0.999);
            before = now;
        }
    }

    /** A core multiplies whole tiles, whose weights come by way of all columns' shims. */
    @Test
    void oneTokenCostsAsMuchAsATile() {
        double one = seconds(TiledMatmul.plan(DEVICE, 1, 2560, 2560));
        double tile = seconds(TiledMatmul.plan(DEVICE, 32, 2560, 2560));
        double row = seconds(TiledMatmul.plan(DEVICE, 256, 2560, 2560));
        assertThat(tile / one).isBetween(0.999, 1.01);
        assertThat(row / one).isBetween(0.999, 1.1);
        assertThat(seconds(TiledMatmul.plan(DEVICE, 512, 2560, 2560)) / row).isBetween(1.9, 2.1);
    }

    @Test
    void aNormWithAResidualTakesTwoStreamsEachWay() {
        DataflowPlan plan = RmsNorm.plan(DEVICE, 4096, 4096, true);
        assertThat(plan.misfits()).isEmpty();
        assertThat(plan.demand().flows().stream().filter(f -> f.direction() == Flow.Direction.IN))
                .hasSize(2);
        assertThat(plan.demand().flows()).hasSize(4);
        // rows and residual, and the weight once for each column's core
        assertThat(plan.ddrReadBytes()).isEqualTo(2L * 4096 * (2 * 4096 + DEVICE.columns()));
        assertThat(plan.ddrWriteBytes()).isEqualTo(2L * 2 * 4096 * 4096);
        // row and weight beside two slots of four streams of 1,024 elements
        assertThat(plan.demand().l1Bytes()).isEqualTo(2 * 2 * 4096 + 4 * 2 * 2 * 1024);
        for (boolean residual : new boolean[] {false, true}) {
            DataflowPlan wide = RmsNorm.plan(DEVICE, 64, 16384, residual);
            assertThat(wide.misfits()).isEmpty();
            assertThat(wide.reason()).contains("twice");
            assertThat(wide.work().streamBytes()).isGreaterThan(2 * 2L * 64 * 16384);
        }
    }

    @Test
    void aMisfitSaysWhichLimitAndByHowMuch() {
        DataflowPlan plan = FusedDqp.plan(DEVICE.with(Parameter.L1, 8192), 32, 10240);
        // two blocks, two slices of the vector, two slots of 32 sums, and the sums of one row block
        int needed = 2 * Q4nxFormat.BLOCK_BYTES + 2 * 2 * 256 + 2 * 4 * 32 + 4 * 32;
        assertThat(plan.fits()).isFalse();
        assertThat(plan.misfits())
                .singleElement()
                .asString()
                .contains(needed + " bytes of L1")
                .contains((needed - 8192) + " more");
    }

    @Test
    void anInputLongerThanACoresMemoryPassesInSlices() {
        DataflowPlan plan = FusedDqp.plan(DEVICE, 8192, 28672);
        assertThat(plan.misfits()).isEmpty();
        assertThat(plan.reason()).contains("slices");
        assertThat(FusedDqp.plan(DEVICE, 4096, 14336).reason()).isEmpty();
    }

    @Test
    void decodeAttentionGivesEachKeyValueGroupAColumn() {
        for (int kvHeads : new int[] {1, 2, 4, 8}) {
            List<TileShare> shares = FlowKv.plan(DEVICE, 4096, 8, kvHeads, 256).shares();
            assertThat(shares).hasSize(kvHeads);
            assertThat(shares.stream().map(s -> s.tile().column())).doesNotHaveDuplicates();
        }
    }

    @Test
    void megatilesSaveTrafficAndSayWhy() {
        int tokens = 2048;
        DataflowPlan plan = TiledMatmul.plan(DEVICE, tokens, 2048, 2048);
        long operand = 2L * 2048 * 2048;
        // without L2 each operand crosses once for every tile of 64 of the other
        assertThat(plan.ddrReadBytes()).isBetween(2 * operand, 2 * 32 * operand / 4);
        assertThat(plan.reason()).contains("megatile");
        DataflowPlan small = TiledMatmul.plan(DEVICE.with(Parameter.L1, 16384), tokens, 2048, 2048);
        assertThat(small.ddrReadBytes()).isGreaterThanOrEqualTo(plan.ddrReadBytes());
        assertThat(small.fits()).isTrue();
    }

    @Test
    void moreWorkNeverMeansFewerBytesOrMacs() {
        DataflowPlan before = TiledMatmul.plan(DEVICE, 1, 2560, 2560);
        for (int tokens = 2; tokens < 40000; tokens = tokens * 3 / 2 + 1) {
            DataflowPlan after = TiledMatmul.plan(DEVICE, tokens, 2560, 2560);
            assertThat(after.ddrReadBytes()).isGreaterThanOrEqualTo(before.ddrReadBytes());
            assertThat(after.macs()).isGreaterThan(before.macs());
            before = after;
        }
    }
}
