package io.djlnpu.bundle;

import io.djlnpu.bundle.EmbeddingHead.DenseLayer;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.q4nx.Q4nxFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A tensor that a specification implies.
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

    /** The norm behind the last layer. */
    public static final String FINAL_NORM = "model.norm.weight";

    /**
     * Lists the text model's tensors: table, head unless it is an embedding model, its dense
     * layers, norms and layers.
     *
     * @param spec the specification
     * @return all tensors of {@code model.q4nx}
     */
    public static List<TensorLayout> text(DecoderSpec spec) {
        List<TensorLayout> layouts = new ArrayList<>();
        layouts.add(new TensorLayout(EMBEDDING, false, spec.vocabSize(), spec.hiddenSize()));
        if (!spec.isEmbedding()) {
            layouts.add(new TensorLayout(HEAD, true, spec.vocabSize(), spec.hiddenSize()));
        }
        layouts.add(new TensorLayout(FINAL_NORM, false, 1, spec.hiddenSize()));
        Family family = Family.named(spec.family());
        List<LayerTensor> tensors = LayerTensor.of(spec.style());
        for (int i = 0; i < spec.layers(); i++) {
            for (LayerTensor tensor : tensors) {
                layouts.add(
                        new TensorLayout(
                                tensor.name(family, i),
                                tensor.isMatrix(),
                                tensor.rows(spec),
                                tensor.columns(spec)));
            }
        }
        // four bits would cost more here than in all the layers: nothing evens them out behind it
        List<DenseLayer> dense = spec.embedding().map(EmbeddingHead::dense).orElse(List.of());
        for (int i = 0; i < dense.size(); i++) {
            DenseLayer layer = dense.get(i);
            String name = EmbeddingHead.tensorName(i);
            layouts.add(new TensorLayout(name, false, layer.outputs(), layer.inputs()));
        }
        return layouts;
    }

    /**
     * Finds a tensor of the text model.
     *
     * @param spec the specification
     * @param name Hugging Face's name
     * @return its layout, if the specification implies it
     */
    public static Optional<TensorLayout> find(DecoderSpec spec, String name) {
        return text(spec).stream().filter(layout -> layout.name().equals(name)).findFirst();
    }

    /**
     * Returns the rows that are stored. Q4NX holds multiples of 32 only: a vocabulary that is none
     * has a head with rows of zeros behind it, whose logits mean nothing.
     *
     * @return rows of the tensor in a bundle
     */
    public int storedRows() {
        return name.equals(HEAD)
                ? Math.ceilDiv(rows, Q4nxFormat.BLOCK_ROWS) * Q4nxFormat.BLOCK_ROWS
                : rows;
    }

    /** Takes this matrix from a source; a head that it does not have is the table. */
    WeightMatrix matrix(DecoderWeights weights) throws IOException {
        boolean tied = name.equals(HEAD) && !weights.names().contains(HEAD);
        WeightMatrix matrix = weights.matrix(tied ? EMBEDDING : name);
        check(matrix.rows(), matrix.columns());
        return storedRows() == rows ? matrix : new PaddedMatrix(matrix, storedRows());
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
