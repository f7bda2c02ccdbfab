package io.djlnpu.it;

import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.bundle.VisionWeights.LayerNorm;
import io.djlnpu.bundle.VisionWeights.Linear;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.kernel.DenseWeights;
import io.djlnpu.q4nx.TiledMatrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;

/** A tower's weights as the source has them, before a bundle rounds them to bf16. */
record SourceWeights(DecoderWeights source) {

    /** Vectors from the source; the tiles of its matrices are only their names and sizes. */
    VisionWeights vectors() throws IOException {
        String tower = VisionLayout.TOWER;
        List<VisionWeights.Layer> layers =
                IntStream.range(0, source.config().vision().orElseThrow().layers())
                        .mapToObj(i -> layer(tower + "encoder.layers." + i + "."))
                        .toList();
        return new VisionWeights(
                source.config().vision().orElseThrow(),
                vector(tower + "embeddings.patch_embedding.weight"),
                vector(tower + "embeddings.patch_embedding.bias"),
                vector(tower + "embeddings.position_embedding.weight"),
                layers,
                norm(tower + "post_layernorm"),
                vector(VisionLayout.PROJECTOR_NORM),
                tiles(VisionLayout.PROJECTOR));
    }

    private VisionWeights.Layer layer(String prefix) {
        return new VisionWeights.Layer(
                norm(prefix + "layer_norm1"),
                linear(prefix + "self_attn.q_proj"),
                linear(prefix + "self_attn.k_proj"),
                linear(prefix + "self_attn.v_proj"),
                linear(prefix + "self_attn.out_proj"),
                norm(prefix + "layer_norm2"),
                linear(prefix + "mlp.fc1"),
                linear(prefix + "mlp.fc2"));
    }

    private LayerNorm norm(String name) {
        return new LayerNorm(vector(name + ".weight"), vector(name + ".bias"));
    }

    private Linear linear(String name) {
        return new Linear(tiles(name + ".weight"), vector(name + ".bias"));
    }

    private TiledMatrix tiles(String name) {
        List<Integer> shape =
                VisionLayout.list(source.config()).stream()
                        .filter(layout -> layout.name().equals(name))
                        .findFirst()
                        .orElseThrow()
                        .shape();
        return new TiledMatrix(
                name,
                shape.get(0),
                shape.get(1),
                Arena.ofAuto().allocate(TiledMatrix.byteLength(shape.get(0), shape.get(1))));
    }

    private float[] vector(String name) {
        try {
            return source.vector(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The matrix of the same name, {@code [outputs, inputs]}. */
    DenseWeights matrix(TiledMatrix tiles) {
        try {
            WeightMatrix matrix = source.matrix(tiles.name());
            float[] values = new float[matrix.rows() * matrix.columns()];
            matrix.readRows(0, matrix.rows(), values);
            if (tiles.name().equals(VisionLayout.PROJECTOR)) {
                values = transposed(values, matrix.rows(), matrix.columns());
            }
            return DenseWeights.of(values, tiles.rows(), tiles.columns());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static float[] transposed(float[] values, int rows, int columns) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i % columns * rows + i / columns] = values[i];
        }
        return result;
    }
}
