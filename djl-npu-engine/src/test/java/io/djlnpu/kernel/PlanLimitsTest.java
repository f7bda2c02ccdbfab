package io.djlnpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Geometry;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileLimits;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each limit of the array, taken just below what a plan needs, is the one that is named. */
class PlanLimitsTest {

    private static final Geometry ROOMY =
            new Geometry(
                    8,
                    4,
                    1 << 20,
                    1 << 24,
                    new TileLimits(8, 8, 99, 99),
                    new TileLimits(99, 99, 999, 999),
                    new TileLimits(8, 8, 99, 99),
                    "test");

    private static DataflowPlan projection(Geometry geometry) {
        return FusedDqp.plan(NpuDevice.KRACKAN.withGeometry(geometry), 2048, 2560);
    }

    private static Geometry core(TileLimits limits) {
        return new Geometry(8, 4, 1 << 20, 1 << 24, limits, ROOMY.mem(), ROOMY.shim(), "test");
    }

    private static Geometry mem(TileLimits limits) {
        return new Geometry(8, 4, 1 << 20, 1 << 24, ROOMY.core(), limits, ROOMY.shim(), "test");
    }

    private static Geometry shim(TileLimits limits) {
        return new Geometry(8, 4, 1 << 20, 1 << 24, ROOMY.core(), ROOMY.mem(), limits, "test");
    }

    private static Arguments limit(String what, int needed, Function<Integer, Geometry> device) {
        return Arguments.of(what, needed, device);
    }

    /** Weights to four cores, one vector to all, results from four: with two slots each. */
    static Stream<Arguments> limits() {
        // where the vector of 5120 bytes does not fit, the sums of two row blocks stay instead
        int l1 = 2 * 5120 + 2 * 512 + 2 * 128 + 2 * 128;
        int l2 = 4 * 2 * 5120 + 2 * 512 + 4 * 2 * 128;
        return Stream.of(
                limit("bytes of L1", l1, n -> sizes(n, 1 << 24)),
                limit("bytes of L2", l2, n -> sizes(1 << 20, n)),
                limit("core input channels", 2, n -> core(new TileLimits(n, 8, 99, 99))),
                limit("core output channels", 1, n -> core(new TileLimits(8, n, 99, 99))),
                limit("core buffer descriptors", 6, n -> core(new TileLimits(8, 8, n, 99))),
                limit("core locks", 6, n -> core(new TileLimits(8, 8, 99, n))),
                limit("mem tile input channels", 6, n -> mem(new TileLimits(n, 99, 999, 999))),
                limit("mem tile output channels", 6, n -> mem(new TileLimits(99, n, 999, 999))),
                limit(
                        "mem tile buffer descriptors",
                        10 + 4 + 10,
                        n -> mem(new TileLimits(99, 99, n, 999))),
                limit("mem tile locks", 18, n -> mem(new TileLimits(99, 99, 999, n))),
                limit("shim input channels", 2, n -> shim(new TileLimits(n, 8, 99, 99))),
                limit("shim output channels", 1, n -> shim(new TileLimits(8, n, 99, 99))),
                limit("shim buffer descriptors", 6, n -> shim(new TileLimits(8, 8, n, 99))),
                limit("shim locks", 6, n -> shim(new TileLimits(8, 8, 99, n))));
    }

    private static Geometry sizes(int l1, int l2) {
        return new Geometry(8, 4, l1, l2, ROOMY.core(), ROOMY.mem(), ROOMY.shim(), "test");
    }

    @ParameterizedTest
    @MethodSource("limits")
    void isNamedWithWhatIsMissing(String what, int needed, Function<Integer, Geometry> device) {
        assertThat(projection(device.apply(needed)).misfits()).isEmpty();
        if (needed > 1) {
            assertThat(projection(device.apply(needed - 1)).misfits())
                    .containsExactly(
                            "FusedDqp needs " + needed + " " + what + ", 1 more than krackan has");
        }
    }

    @Test
    void longerColumnsRunOutOfMemTileChannels() {
        DataflowPlan plan =
                FusedDqp.plan(NpuDevice.KRACKAN.with(NpuDevice.Parameter.ROWS, 6), 2048, 2560);
        assertThat(plan.misfits())
                .containsExactly(
                        "FusedDqp needs 8 mem tile input channels, 2 more than krackan has",
                        "FusedDqp needs 8 mem tile output channels, 2 more than krackan has");
    }

    @Test
    void pairsOfTilesNeedTwoRows() {
        NpuDevice device = NpuDevice.KRACKAN.with(NpuDevice.Parameter.ROWS, 1);
        String misfit = " needs 2 compute tiles a column, 1 more than krackan has";
        assertThat(FlowKv.plan(device, 4096, 8, 4, 256).misfits())
                .containsExactly("FlowKv" + misfit);
        assertThat(FlowQkv.plan(device, AttentionSpan.causal(512, 0), 8, 4, 256).misfits())
                .contains("FlowQkv" + misfit);
        assertThat(FusedDqp.plan(device, 1024, 2560).misfits()).isEmpty();
    }

    /** Four queries of a wide group are at work at a time; each stream's object comes but once. */
    @Test
    void wideGroupsOfDecodeAttentionFit() {
        NpuDevice device = NpuDevice.KRACKAN;
        assertThat(FlowKv.plan(device, 4096, 64, 1, 128).misfits()).isEmpty();
        assertThat(FlowKv.plan(device, 4096, 8, 1, 512).misfits()).isEmpty();
    }

    @Test
    void everyKernelFitsKrackan() {
        NpuDevice device = NpuDevice.KRACKAN;
        List<DataflowPlan> plans =
                List.of(
                        FusedDqp.plan(device, 14336, 4096),
                        FusedDqp.plan(device, 4096, 14336),
                        LmHead.plan(device, 151936, 4096),
                        DequantEngine.plan(device, 14336, 4096),
                        TiledMatmul.plan(device, 4096, 28672, 4096),
                        FlowQkv.plan(device, AttentionSpan.causal(32768, 0), 32, 8, 128),
                        FlowQkv.plan(device, AttentionSpan.causal(512, 4096), 8, 4, 256),
                        FlowQkv.plan(device, AttentionSpan.windowed(8192, 0, 1024), 8, 4, 256),
                        FlowQkv.plan(device, AttentionSpan.windowed(8192, 0, 512), 4, 1, 256),
                        FlowQkv.plan(device, AttentionSpan.mutual(4096), 16, 16, 72),
                        FlowKv.plan(device, 131072, 8, 4, 256),
                        FlowKv.plan(device, 32768, 4, 1, 256),
                        FlowKv.plan(device, 32768, 32, 8, 64),
                        RmsNorm.plan(device, 4096, 4096, true),
                        Rope.plan(device, 4096, 40, 128),
                        GegluMul.plan(device, 4096, 14336, GateActivation.SILU),
                        LayerNorm.plan(device, 4096, 1152),
                        DenseMatmul.plan(device, 4096, 4304, 1152),
                        VisionAttention.plan(device, 4096, 16, 72),
                        AveragePool.plan(device, 4096, 256, 1152));
        for (DataflowPlan plan : plans) {
            assertThat(plan.misfits()).as(plan.toString()).isEmpty();
            assertThat(plan.shares().size() * plan.tilesPerShare())
                    .isLessThanOrEqualTo(device.computeTiles());
        }
        for (DataflowPlan plan : plans) {
            if (plan.kernel().matches("TiledMatmul|FlowQkv|FlowKv")) {
                assertThat(plan.reason()).contains("ms of DDR");
            }
        }
    }

    /** The paper's own mapping of the 4B: four groups, two tiles each. */
    @Test
    void decodeAttentionOfTheFourBillionTakesTwoByFourTiles() {
        DataflowPlan plan = FlowKv.plan(NpuDevice.KRACKAN, 4096, 8, 4, 256);
        assertThat(plan.shares()).hasSize(4);
        assertThat(plan.tilesPerShare()).isEqualTo(2);
    }
}
