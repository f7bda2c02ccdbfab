package io.djlnpu.bundle;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the last hidden states of a text become one vector: pooled, through the dense layers in turn
 * (no bias, no activation), and divided by its length.
 *
 * @param pooling how tokens become one vector
 * @param dense the layers, first to last; empty for none
 * @param normalise whether the result is given length 1
 * @param prompts what is put before a text, by kind ({@code query}, {@code document} ...), in the
 *     model's order
 */
public record EmbeddingHead(
        Pooling pooling, List<DenseLayer> dense, boolean normalise, Map<String, String> prompts) {

    /** The mean over tokens, of length 1. */
    public static final EmbeddingHead MEAN =
            new EmbeddingHead(Pooling.MEAN, List.of(), true, Map.of());

    /** How the vectors of a text's tokens become one. */
    public enum Pooling {
        /** The mean over the text's tokens. */
        MEAN,
        /** The vector of the last token. */
        LAST_TOKEN
    }

    /**
     * A linear layer.
     *
     * @param inputs its columns
     * @param outputs its rows
     */
    public record DenseLayer(int inputs, int outputs) {}

    /**
     * Copies list and map.
     *
     * @throws IllegalArgumentException if a layer does not take what the one before it gives
     */
    public EmbeddingHead {
        dense = List.copyOf(dense);
        prompts = Collections.unmodifiableMap(new LinkedHashMap<>(prompts));
        for (int i = 1; i < dense.size(); i++) {
            if (dense.get(i).inputs() != dense.get(i - 1).outputs()) {
                throw new IllegalArgumentException(
                        "dense layer %d takes %d numbers and gets %d"
                                .formatted(i, dense.get(i).inputs(), dense.get(i - 1).outputs()));
            }
        }
    }

    /**
     * Returns the name of a dense layer's weight, {@code [outputs, inputs]}, in a bundle: that of
     * its module in a sentence-transformers folder, whose module 0 is the decoder and 1 the
     * pooling.
     *
     * @param layer index into {@link #dense}
     * @return the tensor's name
     */
    public static String tensorName(int layer) {
        return (layer + 2) + "_Dense.linear.weight";
    }

    /**
     * Returns the head with other prompts.
     *
     * @param texts what is put before a text, by kind
     * @return a head that differs in nothing else
     */
    public EmbeddingHead withPrompts(Map<String, String> texts) {
        return new EmbeddingHead(pooling, dense, normalise, texts);
    }

    /**
     * Returns the length of an embedding.
     *
     * @param hiddenSize width of the hidden states
     * @return numbers of one vector
     */
    public int width(int hiddenSize) {
        return dense.isEmpty() ? hiddenSize : dense.getLast().outputs();
    }
}
