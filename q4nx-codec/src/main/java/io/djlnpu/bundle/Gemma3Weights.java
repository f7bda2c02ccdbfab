package io.djlnpu.bundle;

import java.io.IOException;
import java.util.Set;

/**
 * The weights of one Gemma 3 by Hugging Face's names ({@code
 * model.layers.0.self_attn.q_proj.weight}), wherever they come from. What a bundle is written from.
 */
public interface Gemma3Weights {

    /**
     * Returns the configuration.
     *
     * @return the configuration
     */
    Gemma3Config config();

    /**
     * Returns the names of everything that this source holds, text and vision.
     *
     * @return the names
     */
    Set<String> names();

    /**
     * Returns a two-dimensional weight: a projection, the embedding table <em>without</em> the
     * factor sqrt(hidden), or {@code lm_head.weight} when the head is not the table.
     *
     * @param name Hugging Face's name
     * @return the matrix
     * @throws IOException if it is missing or unreadable
     */
    WeightMatrix matrix(String name) throws IOException;

    /**
     * Returns any other weight, flat and in Hugging Face's order. Norms of the text model hold
     * {@code 1 + w}.
     *
     * @param name Hugging Face's name
     * @return the values
     * @throws IOException if it is missing or unreadable
     */
    float[] vector(String name) throws IOException;
}
