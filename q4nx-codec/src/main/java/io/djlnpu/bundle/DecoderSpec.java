package io.djlnpu.bundle;

import java.util.List;
import java.util.Optional;

/**
 * What defines a decoder beside its weights. Immutable; every value is in the units of Hugging
 * Face's {@code config.json}, with that file's defaults already applied.
 *
 * @param family what it is, as the configuration names it: {@code gemma3}
 * @param sizes extents of its tensors
 * @param style what a layer computes
 * @param attention what its layers see, and how they rotate
 * @param tokens ids that mean something to the runtime
 * @param embedding how a text becomes one vector, for a model that has no output head
 * @param vision the vision tower, for models that see
 */
public record DecoderSpec(
        String family,
        DecoderSizes sizes,
        LayerStyle style,
        AttentionLayout attention,
        TokenIds tokens,
        Optional<EmbeddingHead> embedding,
        Optional<VisionSpec> vision) {

    /**
     * Checks that the parts fit.
     *
     * @throws IllegalArgumentException if the layer list does not have {@code layers} entries, or
     *     the dense layers of an embedding do not take hidden states
     */
    public DecoderSpec {
        if (attention.localLayers().size() != sizes.layers()) {
            throw new IllegalArgumentException(
                    "layer types for "
                            + attention.localLayers().size()
                            + " layers, expected "
                            + sizes.layers());
        }
        if (embedding.isPresent()
                && !embedding.get().dense().isEmpty()
                && embedding.get().dense().getFirst().inputs() != sizes.hiddenSize()) {
            throw new IllegalArgumentException(
                    "the first dense layer takes %d numbers, hidden states have %d"
                            .formatted(
                                    embedding.get().dense().getFirst().inputs(),
                                    sizes.hiddenSize()));
        }
    }

    /**
     * Returns the specification of the first layers alone, with the same embedding and head.
     *
     * @param count how many layers, from 1 to all
     * @return a specification that differs in nothing else
     */
    public DecoderSpec withFirstLayers(int count) {
        return new DecoderSpec(
                family,
                sizes.withLayers(count),
                style,
                attention.withFirstLayers(count),
                tokens,
                embedding,
                vision);
    }

    /**
     * Returns the specification of the text model alone.
     *
     * @return this without a vision tower
     */
    public DecoderSpec withoutVision() {
        return withVision(Optional.empty());
    }

    /**
     * Returns the specification with another vision tower.
     *
     * @param tower the tower, empty for none
     * @return this with that tower
     */
    public DecoderSpec withVision(Optional<VisionSpec> tower) {
        return new DecoderSpec(family, sizes, style, attention, tokens, embedding, tower);
    }

    /**
     * Returns the specification with another way from hidden states to a vector.
     *
     * @param head pooling and dense layers, empty for a model with an output head
     * @return this with that head
     */
    public DecoderSpec withEmbedding(Optional<EmbeddingHead> head) {
        return new DecoderSpec(family, sizes, style, attention, tokens, head, vision);
    }

    /**
     * Tells whether the model turns a text into a vector, and has no output head.
     *
     * @return true for an embedding model
     */
    public boolean isEmbedding() {
        return embedding.isPresent();
    }

    /**
     * Returns {@link DecoderSizes#hiddenSize}.
     *
     * @return width of the residual stream
     */
    public int hiddenSize() {
        return sizes.hiddenSize();
    }

    /**
     * Returns {@link DecoderSizes#layers}.
     *
     * @return number of decoder layers
     */
    public int layers() {
        return sizes.layers();
    }

    /**
     * Returns {@link DecoderSizes#heads}.
     *
     * @return query heads
     */
    public int heads() {
        return sizes.heads();
    }

    /**
     * Returns {@link DecoderSizes#kvHeads}.
     *
     * @return key and value heads
     */
    public int kvHeads() {
        return sizes.kvHeads();
    }

    /**
     * Returns {@link DecoderSizes#headDim}.
     *
     * @return width of one head
     */
    public int headDim() {
        return sizes.headDim();
    }

    /**
     * Returns {@link DecoderSizes#intermediateSize}.
     *
     * @return width of the gated MLP
     */
    public int intermediateSize() {
        return sizes.intermediateSize();
    }

    /**
     * Returns {@link DecoderSizes#vocabSize}.
     *
     * @return token ids that mean anything; a bundle's head may have rows of padding behind them
     */
    public int vocabSize() {
        return sizes.vocabSize();
    }

    /**
     * Returns {@link DecoderSizes#maxPositions}.
     *
     * @return the longest context, in tokens
     */
    public int maxPositions() {
        return sizes.maxPositions();
    }

    /**
     * Returns {@link LayerStyle#rmsNormEpsilon}.
     *
     * @return epsilon of every RMSNorm
     */
    public float rmsNormEpsilon() {
        return style.rmsNormEpsilon();
    }

    /**
     * Returns {@link LayerStyle#queryPreAttentionScalar}.
     *
     * @return the attention scale is its inverse square root
     */
    public double queryPreAttentionScalar() {
        return style.queryPreAttentionScalar();
    }

    /**
     * Returns {@link LayerStyle#attentionScale}.
     *
     * @return the factor of the attention scores
     */
    public float attentionScale() {
        return style.attentionScale();
    }

    /**
     * Returns {@link AttentionLayout#localLayers}.
     *
     * @return for each layer whether it is local
     */
    public List<Boolean> localLayers() {
        return attention.localLayers();
    }

    /**
     * Tells whether a layer sees only the sliding window.
     *
     * @param layer index from 0
     * @return true for a local layer
     */
    public boolean isLocal(int layer) {
        return attention.localLayers().get(layer);
    }

    /**
     * Returns the span of a local layer's window in a model that is causal.
     *
     * @return keys that a query of a local layer sees, its own included, or {@link
     *     Visibility#UNLIMITED}
     */
    public int slidingWindow() {
        Visibility visible = attention.local().visible();
        return visible.isWindow() ? visible.before() + 1 : Visibility.UNLIMITED;
    }

    /**
     * Returns the outputs of the query projection.
     *
     * @return {@code heads * headDim}
     */
    public int queryWidth() {
        return heads() * headDim();
    }

    /**
     * Returns the outputs of the key projection, and of the value projection.
     *
     * @return {@code kvHeads * headDim}
     */
    public int keyValueWidth() {
        return kvHeads() * headDim();
    }

    /**
     * Returns {@link TokenIds#bos}.
     *
     * @return token that starts every sequence, or {@link TokenIds#NONE}
     */
    public int bosTokenId() {
        return tokens.bos();
    }

    /**
     * Returns {@link TokenIds#pad}.
     *
     * @return padding token, or {@link TokenIds#NONE}
     */
    public int padTokenId() {
        return tokens.pad();
    }

    /**
     * Returns {@link TokenIds#eos}.
     *
     * @return tokens that end an answer
     */
    public List<Integer> eosTokenIds() {
        return tokens.eos();
    }
}
