package io.djlnpu.bundle;

import java.util.List;
import java.util.Optional;

/**
 * What defines a Gemma 3 beside its weights. Immutable; every value is in the units of Hugging
 * Face's {@code config.json}, with that file's defaults already applied.
 *
 * @param hiddenSize width of the residual stream
 * @param layers number of decoder layers
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headDim width of one head; not {@code hiddenSize / heads} in general
 * @param intermediateSize width of the gated MLP
 * @param vocabSize rows of the embedding table
 * @param maxPositions the longest context that the model was made for, in tokens
 * @param rmsNormEpsilon epsilon of every RMSNorm
 * @param ropeTheta base of the rotary embedding in global layers
 * @param ropeLocalTheta base of the rotary embedding in local layers
 * @param ropeScalingFactor linear factor that divides the angles of global layers only; 1 when
 *     there is none
 * @param slidingWindow keys that a query of a local layer sees, its own included
 * @param localLayers for each layer whether it is local (sliding window) or global
 * @param queryPreAttentionScalar the attention scale is its inverse square root
 * @param bosTokenId token that starts every sequence
 * @param padTokenId padding token
 * @param eosTokenIds tokens that end an answer
 * @param vision the vision tower, for models that see
 */
public record DecoderSpec(
        int hiddenSize,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int intermediateSize,
        int vocabSize,
        int maxPositions,
        float rmsNormEpsilon,
        double ropeTheta,
        double ropeLocalTheta,
        double ropeScalingFactor,
        int slidingWindow,
        List<Boolean> localLayers,
        double queryPreAttentionScalar,
        int bosTokenId,
        int padTokenId,
        List<Integer> eosTokenIds,
        Optional<VisionConfig> vision) {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if the layer list does not have {@code layers} entries, or
     *     {@code kvHeads} does not divide {@code heads}
     */
    public DecoderSpec {
        localLayers = List.copyOf(localLayers);
        eosTokenIds = List.copyOf(eosTokenIds);
        if (localLayers.size() != layers) {
            throw new IllegalArgumentException(
                    "layer types for " + localLayers.size() + " layers, expected " + layers);
        }
        if (kvHeads <= 0 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    kvHeads + " key/value heads do not divide " + heads + " query heads");
        }
    }

    /**
     * Returns the configuration of the first layers alone, with the same embedding and head.
     *
     * @param count how many layers, from 1 to all
     * @return a configuration that differs in nothing else
     */
    public DecoderSpec withFirstLayers(int count) {
        return new DecoderSpec(
                hiddenSize,
                count,
                heads,
                kvHeads,
                headDim,
                intermediateSize,
                vocabSize,
                maxPositions,
                rmsNormEpsilon,
                ropeTheta,
                ropeLocalTheta,
                ropeScalingFactor,
                slidingWindow,
                localLayers.subList(0, count),
                queryPreAttentionScalar,
                bosTokenId,
                padTokenId,
                eosTokenIds,
                vision);
    }

    /**
     * SigLIP tower and the tokens that it yields.
     *
     * @param hiddenSize width of the tower
     * @param layers encoder layers
     * @param heads attention heads
     * @param intermediateSize width of the tower's MLP
     * @param imageSize side of the square input, pixels
     * @param patchSize side of a patch, pixels
     * @param layerNormEpsilon epsilon of the tower's LayerNorms
     * @param tokensPerImage soft tokens of one image in the prompt
     * @param imageTokenId the soft token
     * @param beginImageTokenId token before an image
     * @param endImageTokenId token after an image
     */
    public record VisionConfig(
            int hiddenSize,
            int layers,
            int heads,
            int intermediateSize,
            int imageSize,
            int patchSize,
            float layerNormEpsilon,
            int tokensPerImage,
            int imageTokenId,
            int beginImageTokenId,
            int endImageTokenId) {

        /**
         * Tells what is impossible about the sizes.
         *
         * @return in words, or nothing if heads divide the width, patches fill the image, and the
         *     soft tokens are a square that the patches pool to
         */
        public Optional<String> contradiction() {
            int pooled = (int) Math.round(Math.sqrt(tokensPerImage));
            if (hiddenSize % heads != 0) {
                return Optional.of(heads + " heads do not divide a width of " + hiddenSize);
            }
            if (imageSize % patchSize != 0) {
                return Optional.of("patches of " + patchSize + " pixels do not fill " + imageSize);
            }
            if (pooled * pooled != tokensPerImage || imageSize / patchSize % pooled != 0) {
                return Optional.of(
                        "%d x %d patches do not pool to %d tokens"
                                .formatted(
                                        imageSize / patchSize,
                                        imageSize / patchSize,
                                        tokensPerImage));
            }
            return Optional.empty();
        }
    }

    /**
     * Tells whether a layer sees only the sliding window.
     *
     * @param layer index from 0
     * @return true for a local layer
     */
    public boolean isLocal(int layer) {
        return localLayers.get(layer);
    }

    /**
     * Returns the factor of the attention scores.
     *
     * @return {@code queryPreAttentionScalar^-0.5}
     */
    public float attentionScale() {
        return (float) (1 / Math.sqrt(queryPreAttentionScalar));
    }

    /**
     * Returns the outputs of the query projection.
     *
     * @return {@code heads * headDim}
     */
    public int queryWidth() {
        return heads * headDim;
    }

    /**
     * Returns the outputs of the key projection, and of the value projection.
     *
     * @return {@code kvHeads * headDim}
     */
    public int keyValueWidth() {
        return kvHeads * headDim;
    }

    /**
     * Returns the configuration of the text model alone.
     *
     * @return this without a vision tower
     */
    public DecoderSpec withoutVision() {
        return withVision(Optional.empty());
    }

    /**
     * Returns the configuration with another vision tower.
     *
     * @param tower the tower, empty for none
     * @return this with that tower
     */
    public DecoderSpec withVision(Optional<VisionConfig> tower) {
        return new DecoderSpec(
                hiddenSize,
                layers,
                heads,
                kvHeads,
                headDim,
                intermediateSize,
                vocabSize,
                maxPositions,
                rmsNormEpsilon,
                ropeTheta,
                ropeLocalTheta,
                ropeScalingFactor,
                slidingWindow,
                localLayers,
                queryPreAttentionScalar,
                bosTokenId,
                padTokenId,
                eosTokenIds,
                tower);
    }
}
