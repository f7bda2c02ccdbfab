package io.djlnpu.samples.peer;

import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.bundle.VisionWeights.LayerNorm;
import io.djlnpu.bundle.VisionWeights.Linear;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.TiledMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A vision tower of any size with random weights that keep activations of order 1. */
final class RandomTower {

    private final SplittableRandom random = new SplittableRandom(7);
    private final Arena arena;

    private RandomTower(Arena arena) {
        this.arena = arena;
    }

    /** Gemma 3's tower and another number of layers. */
    static VisionSpec siglip(int layers, int imageSize) {
        int side = imageSize / 56;
        return new VisionSpec(1152, layers, 16, 4304, imageSize, 14, 1e-6f, side * side, 8, 6, 7);
    }

    /** The weights, in the arena's memory. */
    static VisionWeights of(VisionSpec config, int textHidden, Arena arena) {
        return new RandomTower(arena).tower(config, textHidden);
    }

    private VisionWeights tower(VisionSpec config, int textHidden) {
        int hidden = config.hiddenSize();
        int patches = config.imageSize() / config.patchSize();
        int values = 3 * config.patchSize() * config.patchSize();
        List<VisionWeights.Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            layers.add(
                    new VisionWeights.Layer(
                            norm(hidden),
                            linear("query", hidden, hidden),
                            linear("key", hidden, hidden),
                            linear("value", hidden, hidden),
                            linear("output", hidden, hidden),
                            norm(hidden),
                            linear("first", config.intermediateSize(), hidden),
                            linear("second", hidden, config.intermediateSize())));
        }
        return new VisionWeights(
                config,
                vector(hidden * values, (float) (1 / Math.sqrt(values)), 0),
                vector(hidden, 0.1f, 0),
                vector(patches * patches * hidden, 0.1f, 0),
                layers,
                norm(hidden),
                vector(hidden, 0.1f, 1),
                matrix("projector", textHidden, hidden));
    }

    private LayerNorm norm(int width) {
        return new LayerNorm(vector(width, 0.1f, 1), vector(width, 0.1f, 0));
    }

    private Linear linear(String name, int rows, int columns) {
        return new Linear(matrix(name, rows, columns), vector(rows, 0.1f, 0));
    }

    private float[] vector(int length, float spread, float centre) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = centre + spread * (float) random.nextDouble(-1.7, 1.7);
        }
        return values;
    }

    private TiledMatrix matrix(String name, int rows, int columns) {
        MemorySegment data = arena.allocate(TiledMatrix.byteLength(rows, columns), 64);
        int across = TiledMatrix.padded(columns) / TiledMatrix.TILE_COLUMNS;
        float spread = (float) (1 / Math.sqrt(columns));
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                long tile =
                        (long) (r / TiledMatrix.TILE_ROWS) * across + c / TiledMatrix.TILE_COLUMNS;
                long at =
                        tile * TiledMatrix.TILE_VALUES
                                + r % TiledMatrix.TILE_ROWS * TiledMatrix.TILE_COLUMNS
                                + c % TiledMatrix.TILE_COLUMNS;
                float value = spread * (float) random.nextDouble(-1.7, 1.7);
                data.set(Bfloat16.LAYOUT, 2 * at, Bfloat16.fromFloat(value));
            }
        }
        return new TiledMatrix(name, rows, columns, data);
    }
}
