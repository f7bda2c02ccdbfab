package io.djlnpu.simulate;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.VisionSpec;

/**
 * The sizes that a vision tower is priced by.
 *
 * @param hidden width of the tower
 * @param layers encoder layers
 * @param heads attention heads
 * @param intermediate width of the tower's MLP
 * @param patches patches of an image
 * @param patchValues values of a patch, over three colours
 * @param tokensPerImage soft tokens of one image in the prompt
 */
public record VisionShape(
        int hidden,
        int layers,
        int heads,
        int intermediate,
        int patches,
        int patchValues,
        int tokensPerImage) {

    /** The tower of a model that sees. */
    static VisionShape of(DecoderSpec model) {
        return of(
                model.vision()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "the model has no vision tower, so an image has no"
                                                        + " price; choose phase prefill")));
    }

    /**
     * Takes the sizes of a Gemma 3's tower.
     *
     * @param config its configuration
     * @return the shape
     */
    public static VisionShape of(VisionSpec config) {
        int side = config.imageSize() / config.patchSize();
        return new VisionShape(
                config.hiddenSize(),
                config.layers(),
                config.heads(),
                config.intermediateSize(),
                side * side,
                3 * config.patchSize() * config.patchSize(),
                config.tokensPerImage());
    }
}
