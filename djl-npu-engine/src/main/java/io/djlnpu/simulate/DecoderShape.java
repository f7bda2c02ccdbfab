package io.djlnpu.simulate;

import io.djlnpu.bundle.DecoderSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The sizes that a decoder with grouped queries and a gated MLP is priced by.
 *
 * @param hidden width of the residual stream
 * @param layers decoder layers
 * @param localLayers layers that see only the window
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param headDim width of a head
 * @param intermediate width of the MLP
 * @param vocab rows of the head
 * @param window keys that a local layer sees
 * @param norms where a layer normalises
 * @param vision the vision tower, for models that see
 */
public record DecoderShape(
        int hidden,
        int layers,
        int localLayers,
        int heads,
        int kvHeads,
        int headDim,
        int intermediate,
        int vocab,
        int window,
        NormStyle norms,
        Optional<VisionShape> vision) {

    /** Gemma 3 1B. */
    public static final DecoderShape GEMMA3_1B =
            new DecoderShape(
                    1152,
                    26,
                    22,
                    4,
                    1,
                    256,
                    6912,
                    262144,
                    512,
                    NormStyle.SANDWICH,
                    Optional.empty());

    /** Gemma 3 4B. */
    public static final DecoderShape GEMMA3_4B =
            new DecoderShape(
                    2560,
                    34,
                    29,
                    8,
                    4,
                    256,
                    10240,
                    262208,
                    1024,
                    NormStyle.SANDWICH,
                    Optional.of(VisionShape.SIGLIP));

    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_VOCAB = 1 << 24;

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if one is out of range, or heads do not fit each other
     */
    public DecoderShape {
        requireBetween("hidden", hidden, MAX_WIDTH);
        requireBetween("layers", layers, 1 << 12);
        requireBetween("heads", heads, 1 << 12);
        requireBetween("kvHeads", kvHeads, heads);
        requireBetween("headDim", headDim, 1 << 12);
        requireBetween("intermediate", intermediate, MAX_WIDTH);
        requireBetween("vocab", vocab, MAX_VOCAB);
        requireBetween("window", window, Integer.MAX_VALUE);
        if (localLayers < 0 || localLayers > layers || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    localLayers
                            + " local of "
                            + layers
                            + " layers, "
                            + heads
                            + " query heads over "
                            + kvHeads
                            + " key/value heads: expected no more local layers than layers, and"
                            + " query heads in equal groups");
        }
    }

    private static void requireBetween(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + " is " + value + ", expected 1 to " + most);
        }
    }

    /**
     * Takes the sizes of a Gemma 3.
     *
     * @param config its configuration
     * @return the shape
     */
    public static DecoderShape of(DecoderSpec config) {
        int local = (int) config.localLayers().stream().filter(l -> l).count();
        return new DecoderShape(
                config.hiddenSize(),
                config.layers(),
                local,
                config.heads(),
                config.kvHeads(),
                config.headDim(),
                config.intermediateSize(),
                config.vocabSize(),
                config.slidingWindow(),
                NormStyle.SANDWICH,
                config.vision().map(VisionShape::of));
    }

    /**
     * Reads the Hugging Face {@code config.json} of a decoder with grouped queries and a gated MLP,
     * of a known family or without a {@code model_type}.
     *
     * @param file the file
     * @return the shape
     * @throws IOException if it is unreadable or states no such decoder
     */
    public static DecoderShape read(Path file) throws IOException {
        return DecoderConfig.read(file);
    }

    /** The tower of a model that sees. */
    VisionShape tower() {
        return vision.orElseThrow(
                () ->
                        new IllegalArgumentException(
                                "the model has no vision tower, so an image has no price; choose"
                                        + " phase prefill"));
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
     * Returns the outputs of query, key and value projection together.
     *
     * @return {@code (heads + 2 * kvHeads) * headDim}
     */
    public int fusedWidth() {
        return (heads + 2 * kvHeads) * headDim;
    }
}
