package io.djlnpu.bundle;

/**
 * The extents of a decoder's tensors.
 *
 * @param hiddenSize width of the residual stream
 * @param layers number of decoder layers
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headDim width of one head; not {@code hiddenSize / heads} in general
 * @param intermediateSize width of the gated MLP
 * @param vocabSize rows of the embedding table
 * @param maxPositions the longest context that the model was made for, in tokens
 */
public record DecoderSizes(
        int hiddenSize,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int intermediateSize,
        int vocabSize,
        int maxPositions) {

    /**
     * Checks that heads fit each other.
     *
     * @throws IllegalArgumentException if {@code kvHeads} does not divide {@code heads}
     */
    public DecoderSizes {
        if (kvHeads <= 0 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    kvHeads + " key/value heads do not divide " + heads + " query heads");
        }
    }

    /** The same with another number of layers. */
    DecoderSizes withLayers(int count) {
        return new DecoderSizes(
                hiddenSize,
                count,
                heads,
                kvHeads,
                headDim,
                intermediateSize,
                vocabSize,
                maxPositions);
    }
}
