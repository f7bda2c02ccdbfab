package io.djlnpu.decoder;

import java.util.Comparator;
import java.util.List;

/**
 * A prompt's images, and how it is therefore cut into chunks: never inside an image, because an
 * image's tokens need each other's keys.
 */
final class PromptChunks {

    private final int tokens;
    private final int chunk;
    private final List<ImageSpan> images;

    /**
     * Checks the images.
     *
     * @param tokens length of the prompt
     * @param images in any order
     * @param chunk tokens that go through the layers together, if no image asks for more
     * @param capacity the longest image
     * @param hidden width of a row
     * @throws IllegalArgumentException if an image reaches past the prompt or into another one, is
     *     too long, or has rows of another width
     */
    PromptChunks(int tokens, List<ImageSpan> images, int chunk, int capacity, int hidden) {
        this.tokens = tokens;
        this.chunk = chunk;
        this.images = images.stream().sorted(Comparator.comparingInt(ImageSpan::start)).toList();
        int free = 0;
        for (ImageSpan image : this.images) {
            if (image.start() < free || image.end() > tokens) {
                throw new IllegalArgumentException(
                        "image at tokens %d to %d of a prompt of %d; it must lie inside the prompt and behind token %d, where the image before it ends"
                                .formatted(image.start(), image.end(), tokens, free));
            }
            if (image.length() > capacity) {
                throw new IllegalArgumentException(
                        "an image of %d tokens; this session takes %d at most, the larger of the model's tokens an image and prefillChunk"
                                .formatted(image.length(), capacity));
            }
            if (image.features().length != (long) image.length() * hidden) {
                throw new IllegalArgumentException(
                        "an image's features have %d values, expected %d rows of %d"
                                .formatted(image.features().length, image.length(), hidden));
            }
            free = image.end();
        }
    }

    /** One past the last token of the chunk that starts at {@code from}. */
    int endOf(int from) {
        int end = Math.min(tokens, from + chunk);
        ImageSpan cut = end < tokens ? at(end) : null;
        if (cut == null || cut.start() == end) {
            return end;
        }
        return cut.start() > from ? cut.start() : cut.end();
    }

    /** The image that a token belongs to, or null for text. */
    ImageSpan at(int token) {
        for (ImageSpan image : images) {
            if (image.start() <= token && token < image.end()) {
                return image;
            }
        }
        return null;
    }
}
