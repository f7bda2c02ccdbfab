package io.djlnpu.siglip;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.bundle.VisionWeights.LayerNorm;
import io.djlnpu.bundle.VisionWeights.Linear;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The tower of Gemma 3 4B at 896 pixels: 4,096 patches of 1,152, an MLP of 4,304. */
class TowerMemoryTest {

    private static final int MEBIBYTE = 1 << 20;
    private static final int TEXT_HIDDEN = 2560;

    private final CountingArena arena = new CountingArena();
    private final TileExecutor executor = new TileExecutor(2);

    @AfterEach
    void close() {
        executor.close();
        arena.close();
    }

    /** An arena that knows how much it gave. */
    private static final class CountingArena implements Arena {

        private final Arena arena = Arena.ofShared();
        private long bytes;

        @Override
        public MemorySegment allocate(long size, long alignment) {
            bytes += size;
            return arena.allocate(size, alignment);
        }

        @Override
        public MemorySegment.Scope scope() {
            return arena.scope();
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private static VisionSpec config(int layers) {
        return new VisionSpec(1152, layers, 16, 4304, 896, 14, 1e-6f, 256, 8, 6, 7);
    }

    /** All layers share one layer's weights, which a bundle has mapped. */
    private static VisionWeights weights(VisionSpec config) {
        int hidden = config.hiddenSize();
        LayerNorm norm = new LayerNorm(ones(hidden), new float[hidden]);
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
        int patches = config.imageSize() / config.patchSize();
        return new VisionWeights(
                config,
                ones(hidden * 3 * config.patchSize() * config.patchSize()),
                new float[hidden],
                new float[patches * patches * hidden],
                Collections.nCopies(config.layers(), layer),
                norm,
                ones(hidden),
                matrix(TEXT_HIDDEN, hidden));
    }

    private static float[] ones(int length) {
        float[] ones = new float[length];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static Linear linear(int rows, int columns) {
        return new Linear(matrix(rows, columns), new float[rows]);
    }

    private static TiledMatrix matrix(int rows, int columns) {
        return new TiledMatrix(
                "w", rows, columns, Arena.ofAuto().allocate(TiledMatrix.byteLength(rows, columns)));
    }

    /** Everything that a picture needs is there before the first one comes. */
    private void bind(int layers) {
        KernelContext context =
                new KernelContext(NpuDevice.KRACKAN, executor, SimdProvider.best(), false, arena);
        VisionWeights weights = weights(config(layers));
        new ImageProjector(context, new SiglipTower(context, weights), weights);
    }

    @Test
    void activationsDoNotGrowWithTheLayers() {
        bind(1);
        long one = arena.bytes;
        bind(27);
        long all = arena.bytes - one;
        assertThat(all).isLessThan(256L * MEBIBYTE);
        assertThat(all - one).as("vectors of 26 layers").isLessThan(4L * MEBIBYTE);
    }
}
