package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.q4nx.TiledMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A tensor of the vision file that a configuration implies; all are bf16.
 *
 * @param name Hugging Face's name
 * @param tiled stored in tiles of 64 x 256 if true, as it is otherwise
 * @param shape logical extents, {@code [outputs, inputs]} for a tiled one
 */
public record VisionLayout(String name, boolean tiled, List<Integer> shape) {

    /** The projector's matrix; Hugging Face has it as {@code [inputs, outputs]}. */
    public static final String PROJECTOR = "multi_modal_projector.mm_input_projection_weight";

    /** The projector's norm. */
    public static final String PROJECTOR_NORM = "multi_modal_projector.mm_soft_emb_norm.weight";

    /** What every name of the tower starts with. */
    public static final String TOWER = "vision_tower.vision_model.";

    /** Copies the shape. */
    public VisionLayout {
        shape = List.copyOf(shape);
    }

    /**
     * Lists the vision file's tensors, in bytewise order of their names.
     *
     * @param config a configuration with a vision tower
     * @return all tensors of {@code vision_weight.q4nx}
     */
    public static List<VisionLayout> list(DecoderSpec config) {
        VisionSpec vision = config.vision().orElseThrow();
        int hidden = vision.hiddenSize();
        int patch = vision.patchSize();
        int side = vision.imageSize() / patch;
        List<VisionLayout> layouts = new ArrayList<>();
        layouts.add(tiled(PROJECTOR, config.hiddenSize(), hidden));
        layouts.add(plain(PROJECTOR_NORM, hidden));
        layouts.add(plain(TOWER + "embeddings.patch_embedding.bias", hidden));
        layouts.add(plain(TOWER + "embeddings.patch_embedding.weight", hidden, 3, patch, patch));
        layouts.add(plain(TOWER + "embeddings.position_embedding.weight", side * side, hidden));
        for (int i = 0; i < vision.layers(); i++) {
            addLayer(layouts, TOWER + "encoder.layers." + i + ".", vision);
        }
        addWithBias(layouts, plain(TOWER + "post_layernorm.weight", hidden));
        layouts.sort((a, b) -> a.name.compareTo(b.name));
        return layouts;
    }

    /**
     * Finds a tensor of the vision file.
     *
     * @param config any configuration
     * @param name Hugging Face's name
     * @return its layout, if the configuration implies it
     */
    public static Optional<VisionLayout> find(DecoderSpec config, String name) {
        return config.vision().isEmpty()
                ? Optional.empty()
                : list(config).stream().filter(layout -> layout.name.equals(name)).findFirst();
    }

    private static void addLayer(List<VisionLayout> layouts, String prefix, VisionSpec vision) {
        int hidden = vision.hiddenSize();
        int intermediate = vision.intermediateSize();
        for (String norm : List.of("layer_norm1", "layer_norm2")) {
            addWithBias(layouts, plain(prefix + norm + ".weight", hidden));
        }
        for (String projection : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
            addWithBias(
                    layouts, tiled(prefix + "self_attn." + projection + ".weight", hidden, hidden));
        }
        addWithBias(layouts, tiled(prefix + "mlp.fc1.weight", intermediate, hidden));
        addWithBias(layouts, tiled(prefix + "mlp.fc2.weight", hidden, intermediate));
    }

    private static void addWithBias(List<VisionLayout> layouts, VisionLayout weight) {
        layouts.add(weight);
        layouts.add(plain(weight.name.replaceFirst("weight$", "bias"), weight.shape.getFirst()));
    }

    private static VisionLayout plain(String name, Integer... shape) {
        return new VisionLayout(name, false, List.of(shape));
    }

    private static VisionLayout tiled(String name, int rows, int columns) {
        return new VisionLayout(name, true, List.of(rows, columns));
    }

    /**
     * Returns the extents of what the bytes mean.
     *
     * @return the logical shape, outermost first
     */
    public List<Long> logicalShape() {
        return shape.stream().map(Integer::longValue).toList();
    }

    /**
     * Returns the extents in the container.
     *
     * @return the stored shape, outermost first
     */
    public List<Long> storedShape() {
        if (!tiled) {
            return logicalShape();
        }
        return List.of(
                (long) TiledMatrix.padded(shape.get(0)) / TiledMatrix.TILE_ROWS,
                (long) TiledMatrix.padded(shape.get(1)) / TiledMatrix.TILE_COLUMNS,
                (long) TiledMatrix.TILE_VALUES);
    }

    /** A tiled tensor of a source; the projector as Hugging Face has it. */
    WeightMatrix matrix(DecoderWeights source) throws IOException {
        WeightMatrix matrix = source.matrix(name);
        boolean turned = name.equals(PROJECTOR);
        check(matrix.rows(), shape.get(turned ? 1 : 0));
        check(matrix.columns(), shape.get(turned ? 0 : 1));
        return matrix;
    }

    /** Any other tensor of a source, flat. */
    float[] vector(DecoderWeights source) throws IOException {
        float[] values = source.vector(name);
        check(values.length, shape.stream().reduce(1, Math::multiplyExact));
        return values;
    }

    private void check(int found, int expected) throws ModelFormatException {
        if (found != expected) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "'%s' has an extent of %d, expected %d by the configuration"
                            .formatted(name, found, expected));
        }
    }
}
