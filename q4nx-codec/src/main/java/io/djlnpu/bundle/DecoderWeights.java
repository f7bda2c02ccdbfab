package io.djlnpu.bundle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The weights of one decoder by Hugging Face's names ({@code
 * model.layers.0.self_attn.q_proj.weight}), wherever they come from. What a bundle is written from.
 */
public interface DecoderWeights {

    /**
     * Returns the configuration.
     *
     * @return the configuration
     */
    DecoderSpec config();

    /**
     * Returns the names of everything that this source holds, text and vision.
     *
     * @return the names
     */
    Set<String> names();

    /**
     * Returns a two-dimensional weight: a projection of the text model or the vision tower, the
     * embedding table <em>without</em> a factor, {@code lm_head.weight} when the head is not the
     * table, or the image projector as Hugging Face has it, {@code [inputs, outputs]}.
     *
     * @param name Hugging Face's name
     * @return the matrix
     * @throws IOException if it is missing or unreadable
     */
    WeightMatrix matrix(String name) throws IOException;

    /**
     * Returns any other weight, flat and in Hugging Face's order, biases and position and patch
     * embeddings of the tower among them. RMS norms (the text model's and {@code mm_soft_emb_norm})
     * hold what normalised values are multiplied by: {@code 1 + w} in a Gemma.
     *
     * @param name Hugging Face's name
     * @return the values
     * @throws IOException if it is missing or unreadable
     */
    float[] vector(String name) throws IOException;

    /**
     * Tells whether the head is the embedding table, so that a source holds no {@code
     * lm_head.weight}.
     *
     * @return true for a tied model
     * @throws IOException if the source cannot be read
     */
    default boolean tied() throws IOException {
        return !names().contains(TensorLayout.HEAD);
    }

    /**
     * Returns the files that the weights are read from, which nobody may remove meanwhile.
     *
     * @return the files; none if the weights lie in no files
     */
    default List<Path> sourceFiles() {
        return List.of();
    }
}
