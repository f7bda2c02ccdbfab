package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A tensor that a configuration implies.
 *
 * @param name Hugging Face's name
 * @param quantized Q4NX if true, bf16 otherwise
 * @param rows outputs; 1 for a vector
 * @param columns inputs, or the length of a vector
 */
public record TensorLayout(String name, boolean quantized, int rows, int columns) {

    /** The embedding table. */
    public static final String EMBEDDING = "model.embed_tokens.weight";

    /** The output head. */
    public static final String HEAD = "lm_head.weight";

    /**
     * Lists the text model's tensors.
     *
     * @param config the configuration
     * @return all tensors of {@code model.q4nx}
     */
    public static List<TensorLayout> text(DecoderSpec config) {
        List<TensorLayout> layouts = new ArrayList<>();
        int hidden = config.hiddenSize();
        layouts.add(new TensorLayout(EMBEDDING, false, config.vocabSize(), hidden));
        layouts.add(new TensorLayout(HEAD, true, config.vocabSize(), hidden));
        layouts.add(new TensorLayout("model.norm.weight", false, 1, hidden));
        for (int i = 0; i < config.layers(); i++) {
            addLayer(layouts, "model.layers." + i + ".", config);
        }
        return layouts;
    }

    private static void addLayer(List<TensorLayout> layouts, String prefix, DecoderSpec config) {
        int hidden = config.hiddenSize();
        int intermediate = config.intermediateSize();
        layouts.add(
                new TensorLayout(
                        prefix + "self_attn.q_proj.weight", true, config.queryWidth(), hidden));
        layouts.add(
                new TensorLayout(
                        prefix + "self_attn.k_proj.weight", true, config.keyValueWidth(), hidden));
        layouts.add(
                new TensorLayout(
                        prefix + "self_attn.v_proj.weight", true, config.keyValueWidth(), hidden));
        layouts.add(
                new TensorLayout(
                        prefix + "self_attn.o_proj.weight", true, hidden, config.queryWidth()));
        layouts.add(new TensorLayout(prefix + "mlp.gate_proj.weight", true, intermediate, hidden));
        layouts.add(new TensorLayout(prefix + "mlp.up_proj.weight", true, intermediate, hidden));
        layouts.add(new TensorLayout(prefix + "mlp.down_proj.weight", true, hidden, intermediate));
        for (String norm :
                List.of(
                        "input_layernorm",
                        "post_attention_layernorm",
                        "pre_feedforward_layernorm",
                        "post_feedforward_layernorm")) {
            layouts.add(new TensorLayout(prefix + norm + ".weight", false, 1, hidden));
        }
        for (String norm : List.of("q_norm", "k_norm")) {
            layouts.add(
                    new TensorLayout(
                            prefix + "self_attn." + norm + ".weight", false, 1, config.headDim()));
        }
    }

    /**
     * Finds a tensor of the text model.
     *
     * @param config the configuration
     * @param name Hugging Face's name
     * @return its layout, if the configuration implies it
     */
    public static Optional<TensorLayout> find(DecoderSpec config, String name) {
        return text(config).stream().filter(layout -> layout.name().equals(name)).findFirst();
    }

    /**
     * Takes this matrix from a source; a head that it does not have is the table: Gemma ties them.
     */
    WeightMatrix matrix(DecoderWeights weights) throws IOException {
        boolean tied = name.equals(HEAD) && !weights.names().contains(HEAD);
        WeightMatrix matrix = weights.matrix(tied ? EMBEDDING : name);
        check(matrix.rows(), matrix.columns());
        return matrix;
    }

    /** Checks the sizes that a source gives. */
    void check(int foundRows, int foundColumns) throws ModelFormatException {
        if (foundRows != rows || foundColumns != columns) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "'%s' is %d x %d, expected %d x %d by the configuration"
                            .formatted(name, foundRows, foundColumns, rows, columns));
        }
    }
}
