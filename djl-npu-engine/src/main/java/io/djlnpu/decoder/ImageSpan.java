package io.djlnpu.decoder;

/**
 * The soft tokens of one image inside a prompt: their rows are taken from {@code features} instead
 * of the embedding table, and they see each other in both directions.
 *
 * @param start position of the first soft token, counted from the first of the tokens handed over
 *     together with it
 * @param length number of soft tokens, at least 1
 * @param features {@code [length, hidden]}, row by row, as {@link ImageEncoder#encode} returns
 *     them; not copied
 */
public record ImageSpan(int start, int length, float[] features) {

    /**
     * Refuses a span without rows, before position 0, or whose features are not rows of one length.
     */
    public ImageSpan {
        if (start < 0 || length < 1) {
            throw new IllegalArgumentException(
                    "An image's span of %d tokens at position %d: at least 1 token at position 0 or later is expected"
                            .formatted(length, start));
        }
        if (features.length == 0 || features.length % length != 0) {
            throw new IllegalArgumentException(
                    "An image's span of %d tokens came with %d values: [length, hidden] is expected"
                            .formatted(length, features.length));
        }
    }

    /** Position just past the last soft token. */
    public int end() {
        return Math.addExact(start, length);
    }
}
