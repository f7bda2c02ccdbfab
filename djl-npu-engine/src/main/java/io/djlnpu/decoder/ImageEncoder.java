package io.djlnpu.decoder;

/**
 * Turns one image into the rows that stand in a prompt where its soft tokens are: vision tower and
 * projector of one model.
 *
 * <p>Pixels come from {@code io.djlnpu.vision}; the rows go to a session in an {@link ImageSpan}.
 * An encoder may be shared by threads.
 */
public interface ImageEncoder {

    /**
     * Computes the rows of one image.
     *
     * @param pixels normalised pixels, channel first, {@code [3, imageSize, imageSize]} in one
     *     array
     * @return {@code [tokens, hidden]}, row by row, already projected into the decoder's space
     * @throws IllegalArgumentException if the number of pixels is not the model's
     */
    float[] encode(float[] pixels);

    /** The rows, and so the soft tokens, of one image. */
    int tokens();

    /** Width and height that an image has to have, in pixels. */
    int imageSize();
}
