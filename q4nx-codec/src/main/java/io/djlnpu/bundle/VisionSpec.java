package io.djlnpu.bundle;

import java.util.Optional;

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
public record VisionSpec(
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
     * @return in words, or nothing if heads divide the width, patches fill the image, and the soft
     *     tokens are a square that the patches pool to
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
                                    imageSize / patchSize, imageSize / patchSize, tokensPerImage));
        }
        return Optional.empty();
    }
}
