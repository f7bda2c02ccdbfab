package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.NpuDevice.Parameter;
import io.djlnpu.timing.Energy.Boundary;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** What any price must obey, whatever the model and the device. */
class PricePropertiesTest {

    /**
     * Cuts are searched for their steady state; fill and drain of another cut may differ by
     * microseconds.
     */
    private static final double CUT = 1e-3;

    @Provide
    static Arbitrary<DecoderSpec> shapes() {
        Arbitrary<int[]> heads =
                Combinators.combine(
                                Arbitraries.integers().between(1, 10),
                                Arbitraries.integers().between(1, 8),
                                Arbitraries.of(32, 64, 96, 128, 256))
                        .as((kvHeads, group, headDim) -> new int[] {kvHeads, group, headDim});
        return Combinators.combine(
                        heads,
                        Arbitraries.integers().between(2, 320).map(n -> 16 * n),
                        Arbitraries.integers().between(2, 500).map(n -> 32 * n),
                        Arbitraries.integers().between(1, 40),
                        Arbitraries.integers().between(1, 4096),
                        Arbitraries.of(
                                PublishedModels.style(NormPlacement.AROUND, true),
                                PublishedModels.style(NormPlacement.BEFORE, false)))
                .as(
                        (h, hidden, intermediate, layers, window, norms) ->
                                PublishedModels.spec(
                                        new DecoderSizes(
                                                hidden,
                                                layers,
                                                h[0] * h[1],
                                                h[0],
                                                h[2],
                                                intermediate,
                                                32_000,
                                                32_000),
                                        norms,
                                        layers / 2,
                                        window,
                                        Optional.empty()));
    }

    @Provide
    static Arbitrary<NpuDevice> devices() {
        return Combinators.combine(
                        Arbitraries.of(2, 4, 8, 12),
                        Arbitraries.doubles().between(20e9, 300e9),
                        Arbitraries.doubles().between(4e9, 40e9),
                        Arbitraries.doubles().between(20, 250))
                .as(
                        (columns, ddr, stream, macs) ->
                                NpuDevice.KRACKAN
                                        .with(Parameter.COLUMNS, columns)
                                        .with(Parameter.DDR, ddr)
                                        .with(Parameter.STREAM, stream)
                                        .with(Parameter.MACS, macs));
    }

    private static RunReport[] prices(DecoderSpec shape, NpuDevice device, int tokens) {
        return new RunReport[] {
            Simulation.decode(shape, device, tokens), Simulation.prefill(shape, device, tokens)
        };
    }

    @Property(tries = 60)
    void moreTokensNeverCostLess(
            @ForAll("shapes") DecoderSpec shape,
            @ForAll("devices") NpuDevice device,
            @ForAll @IntRange(min = 1, max = 20_000) int tokens,
            @ForAll @IntRange(min = 1, max = 5_000) int more) {
        RunReport[] few = prices(shape, device, tokens);
        RunReport[] many = prices(shape, device, tokens + more);
        for (int i = 0; i < few.length; i++) {
            assertThat(many[i].seconds()).isGreaterThanOrEqualTo(few[i].seconds() * (1 - CUT));
            assertThat(many[i].energy().npu()).isPositive();
        }
    }

    @Property(tries = 60)
    void twiceTheTokensNeverCostFewerJoules(
            @ForAll("shapes") DecoderSpec shape,
            @ForAll("devices") NpuDevice device,
            @ForAll @IntRange(min = 1, max = 20_000) int tokens) {
        RunReport[] few = prices(shape, device, tokens);
        RunReport[] many = prices(shape, device, 2 * tokens);
        for (int i = 0; i < few.length; i++) {
            if (isDecoded(few[i]) != isDecoded(many[i])) {
                // a prompt of few tokens is decoded, because that is faster; it may cost more
                // joules
                continue;
            }
            for (Boundary boundary : Boundary.values()) {
                assertThat(many[i].energy().joules(boundary))
                        .as("%s %s", few[i].phase(), boundary)
                        .isGreaterThan(few[i].energy().joules(boundary) * (1 - CUT));
            }
        }
    }

    private static boolean isDecoded(RunReport report) {
        return report.kernels().stream().anyMatch(kernel -> kernel.name().equals("FlowKv"));
    }

    private static DecoderSpec resized(DecoderSpec shape, int layers, int intermediate, int vocab) {
        return PublishedModels.spec(
                new DecoderSizes(
                        shape.hiddenSize(),
                        layers,
                        shape.heads(),
                        shape.kvHeads(),
                        shape.headDim(),
                        intermediate,
                        vocab,
                        shape.maxPositions()),
                shape.style(),
                Simulation.localLayers(shape),
                shape.slidingWindow(),
                shape.vision());
    }

    /** What no plan can leave out: every weight of the layers crosses DDR once, in 5 bits. */
    private static long weightBytes(DecoderSpec shape) {
        long rows =
                2L * shape.queryWidth()
                        + 2L * shape.keyValueWidth()
                        + 3L * shape.intermediateSize();
        return (long) shape.layers() * shape.hiddenSize() * rows * 5 / 8;
    }

    @Property(tries = 60)
    void widerModelsNeverCostLess(
            @ForAll("shapes") DecoderSpec shape,
            @ForAll("devices") NpuDevice device,
            @ForAll @IntRange(min = 1, max = 8_000) int tokens) {
        DecoderSpec wider =
                resized(
                        shape,
                        shape.layers() + 1,
                        shape.intermediateSize() + 32 * device.computeTiles(),
                        shape.vocabSize() + 32 * device.computeTiles());
        RunReport[] narrow = prices(shape, device, tokens);
        RunReport[] wide = prices(wider, device, tokens);
        for (int i = 0; i < narrow.length; i++) {
            assertThat(wide[i].seconds()).isGreaterThan(narrow[i].seconds());
            assertThat(wide[i].ddrBytes()).isGreaterThanOrEqualTo(weightBytes(wider));
            assertThat(narrow[i].ddrBytes()).isGreaterThanOrEqualTo(weightBytes(shape));
        }
        for (Boundary boundary : Boundary.values()) {
            assertThat(wide[0].energy().joules(boundary))
                    .isGreaterThan(narrow[0].energy().joules(boundary));
        }
        // in prefill the planner may find tiles for the wider model that read less
        assertThat(wide[0].ddrBytes()).isGreaterThan(narrow[0].ddrBytes());
    }

    @Property(tries = 60)
    void aPromptOfAModelWiderByABlockNeverCostsLess(
            @ForAll("shapes") DecoderSpec shape,
            @ForAll("devices") NpuDevice device,
            @ForAll @IntRange(min = 256, max = 8_000) int tokens) {
        DecoderSpec wider =
                resized(shape, shape.layers(), shape.intermediateSize() + 32, shape.vocabSize());
        assertThat(Simulation.prefill(wider, device, tokens).seconds())
                .isGreaterThanOrEqualTo(
                        Simulation.prefill(shape, device, tokens).seconds() * (1 - CUT));
    }

    @Property(tries = 60)
    void slowerDevicesAreNeverFaster(
            @ForAll("shapes") DecoderSpec shape,
            @ForAll("devices") NpuDevice device,
            @ForAll @IntRange(min = 1, max = 8_000) int tokens,
            @ForAll @DoubleRange(min = 0.3, max = 0.95) double factor) {
        RunReport[] before = prices(shape, device, tokens);
        double[] rates = {
            device.ddr().value(),
            device.stream().value(),
            device.core().clock().value(),
            device.core().macsPerCycle().value()
        };
        Parameter[] parameters = {Parameter.DDR, Parameter.STREAM, Parameter.CLOCK, Parameter.MACS};
        for (int p = 0; p < rates.length; p++) {
            NpuDevice slower = device.with(parameters[p], rates[p] * factor);
            RunReport[] after = prices(shape, slower, tokens);
            for (int i = 0; i < after.length; i++) {
                assertThat(after[i].seconds())
                        .as(parameters[p] + " " + after[i].phase())
                        .isBetween(
                                before[i].seconds() * (1 - CUT),
                                before[i].seconds() / factor * (1 + CUT));
            }
        }
    }

    @Property(tries = 60)
    void halfTheMemoryAtMostDoublesTheTime(
            @ForAll("shapes") DecoderSpec shape,
            @ForAll("devices") NpuDevice device,
            @ForAll @IntRange(min = 1, max = 20_000) int tokens) {
        NpuDevice half = device.with(Parameter.DDR, device.ddr().value() / 2);
        RunReport[] before = prices(shape, device, tokens);
        RunReport[] after = prices(shape, half, tokens);
        for (int i = 0; i < before.length; i++) {
            assertThat(after[i].seconds())
                    .isBetween(
                            before[i].seconds() * (1 - CUT), 2 * before[i].seconds() * (1 + CUT));
        }
    }

    @Property(tries = 60)
    void nothingIsUsedBeyondItsRateAndEveryByteIsAccountedFor(
            @ForAll("shapes") DecoderSpec shape,
            @ForAll("devices") NpuDevice device,
            @ForAll @IntRange(min = 1, max = 20_000) int tokens) {
        for (RunReport report : prices(shape, device, tokens)) {
            long bytes = 0;
            double seconds = 0;
            double joules = 0;
            for (KernelCost cost : report.kernels()) {
                bytes += cost.ddrBytes();
                seconds += cost.seconds();
                joules += cost.energy().joules(Boundary.PACKAGE);
                assertThat((double) cost.ddrBytes())
                        .as(cost.name())
                        .isLessThanOrEqualTo(cost.seconds() * device.ddr().value() * 1.000001);
                // the gate runs beside the projection before it, in that one's time
                if (!cost.name().equals("GegluMul")) {
                    assertThat(cost.flops() / 2.0)
                            .as(cost.name())
                            .isLessThanOrEqualTo(
                                    cost.seconds() * device.macsPerSecond() * 1.000001);
                }
            }
            assertThat(bytes).isEqualTo(report.ddrBytes());
            assertThat(seconds / report.seconds()).isBetween(1 - 1e-9, 1 + 1e-9);
            assertThat(joules / report.energy().joules(Boundary.PACKAGE))
                    .isBetween(1 - 1e-9, 1 + 1e-9);
        }
    }
}
