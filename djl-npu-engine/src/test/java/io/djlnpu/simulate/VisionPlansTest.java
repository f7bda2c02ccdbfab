package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.bundle.VisionWeights.LayerNorm;
import io.djlnpu.bundle.VisionWeights.Linear;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.siglip.ImageProjector;
import io.djlnpu.siglip.SiglipTower;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelChain.Link;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is priced is what runs. */
class VisionPlansTest {

    private static final Set<String> HEAVY = Set.of("VisionMatmul", "VisionAttention");

    private static Linear linear(int rows, int columns) {
        return new Linear(matrix(rows, columns), new float[rows]);
    }

    private static TiledMatrix matrix(int rows, int columns) {
        return new TiledMatrix(
                "w", rows, columns, Arena.ofAuto().allocate(TiledMatrix.byteLength(rows, columns)));
    }

    private static VisionWeights weights(VisionSpec config, int textHidden) {
        int hidden = config.hiddenSize();
        int side = config.imageSize() / config.patchSize();
        LayerNorm norm = new LayerNorm(new float[hidden], new float[hidden]);
        Linear square = linear(hidden, hidden);
        VisionWeights.Layer layer =
                new VisionWeights.Layer(
                        norm,
                        square,
                        square,
                        square,
                        square,
                        norm,
                        linear(config.intermediateSize(), hidden),
                        linear(hidden, config.intermediateSize()));
        return new VisionWeights(
                config,
                new float[hidden * 3 * config.patchSize() * config.patchSize()],
                new float[hidden],
                new float[side * side * hidden],
                Collections.nCopies(config.layers(), layer),
                norm,
                new float[hidden],
                matrix(textHidden, hidden));
    }

    private static Stream<DataflowPlan> heavy(List<Link> links) {
        return links.stream().map(Link::plan).filter(plan -> HEAVY.contains(plan.kernel()));
    }

    @Test
    void theTowerExecutesThePlansThatArePriced() {
        VisionSpec config = new VisionSpec(64, 2, 4, 104, 56, 14, 1e-6f, 4, 8, 6, 7);
        DecoderSpec shape = PublishedModels.GEMMA3_4B;
        List<DataflowPlan> executed;
        try (TileExecutor executor = new TileExecutor(1);
                Arena arena = Arena.ofShared()) {
            KernelContext context =
                    new KernelContext(
                            NpuDevice.KRACKAN, executor, SimdProvider.scalar(), true, arena);
            VisionWeights weights = weights(config, shape.hiddenSize());
            SiglipTower tower = new SiglipTower(context, weights);
            executed = new ArrayList<>(tower.plans());
            executed.add(new ImageProjector(context, tower, weights).plan());
        }
        LayerChains chains = new LayerChains(shape, NpuDevice.KRACKAN);
        VisionShape vision = VisionShape.of(config);
        List<DataflowPlan> priced = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            heavy(chains.vision(vision)).forEach(priced::add);
        }
        heavy(chains.visionEnds(vision)).forEach(priced::add);
        assertThat(executed).containsExactlyInAnyOrderElementsOf(priced);
    }
}
