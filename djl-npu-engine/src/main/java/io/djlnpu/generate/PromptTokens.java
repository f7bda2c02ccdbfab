package io.djlnpu.generate;

import io.djlnpu.decoder.ImageSpan;
import java.util.List;

/**
 * A prompt as the model takes it.
 *
 * @param ids token ids; those inside an image are not looked at
 * @param images the images, in order
 */
public record PromptTokens(int[] ids, List<Placed> images) {

    /**
     * An image and where it is.
     *
     * @param start position of its first soft token
     * @param image the image
     */
    public record Placed(int start, PromptImage image) {

        int end() {
            return start + image.tokens();
        }
    }

    /**
     * Copies both.
     *
     * @throws IllegalArgumentException if an id is negative, or an image reaches past the prompt or
     *     into another one
     */
    public PromptTokens {
        ids = ids.clone();
        images = List.copyOf(images);
        for (int id : ids) {
            if (id < 0) {
                throw new IllegalArgumentException("prompt: token " + id + ", expected 0 or more");
            }
        }
        int free = 0;
        for (Placed placed : images) {
            if (placed.start < free || placed.end() > ids.length) {
                throw new IllegalArgumentException(
                        "an image at tokens %d to %d of a prompt of %d, the one before it ends at %d"
                                .formatted(placed.start, placed.end(), ids.length, free));
            }
            free = placed.end();
        }
    }

    /**
     * Makes a prompt of words alone.
     *
     * @param ids token ids
     * @return the prompt
     */
    public static PromptTokens of(int... ids) {
        return new PromptTokens(ids, List.of());
    }

    int length() {
        return ids.length;
    }

    /** What two prompts share is told by these: ids, and what the images show. */
    int[] keys() {
        int[] keys = ids.clone();
        for (Placed placed : images) {
            for (int i = 0; i < placed.image.tokens(); i++) {
                keys[placed.start + i] = placed.image.key(i);
            }
        }
        return keys;
    }

    /**
     * A place near {@code wanted}, behind {@code from}, where the prompt may be cut: not inside an
     * image.
     */
    int cut(int from, int wanted) {
        for (Placed placed : images) {
            if (placed.start < wanted && wanted < placed.end()) {
                return placed.start > from ? placed.start : placed.end();
            }
        }
        return wanted;
    }

    /** The images between two cuts, counted from the first. */
    List<ImageSpan> spans(int from, int to) {
        return images.stream()
                .filter(placed -> placed.start >= from && placed.end() <= to)
                .map(
                        placed ->
                                new ImageSpan(
                                        placed.start - from,
                                        placed.image.tokens(),
                                        placed.image.features()))
                .toList();
    }
}
