package io.djlnpu.simulate;

/**
 * The sizes of a request that a price depends on.
 *
 * @param prompt tokens of the prompt, soft tokens of images included
 * @param cached tokens of the prompt whose keys and values were in the cache already
 * @param generated tokens of the answer; the first comes from the prompt's last position
 * @param images images that went through the tower
 */
public record RequestShape(int prompt, int cached, int generated, int images) {

    /** The most tokens that are priced. */
    static final int MAX_TOKENS = 1 << 24;

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if one is negative, the prompt is empty or all of it cached,
     *     or prompt and answer exceed 16 million tokens
     */
    public RequestShape {
        requireTokens(prompt, "prompt");
        if (cached < 0 || cached >= prompt) {
            throw new IllegalArgumentException(
                    cached
                            + " cached tokens of a prompt of "
                            + prompt
                            + ", expected at least 0 and fewer than the prompt");
        }
        if (generated < 0 || images < 0 || generated > MAX_TOKENS - prompt) {
            throw new IllegalArgumentException(
                    generated
                            + " tokens and "
                            + images
                            + " images, expected neither below 0, and"
                            + " at most "
                            + MAX_TOKENS
                            + " tokens in all");
        }
    }

    /**
     * Describes a request of text alone with nothing cached.
     *
     * @param prompt tokens of the prompt
     * @param generated tokens of the answer
     * @return the sizes
     */
    public static RequestShape of(int prompt, int generated) {
        return new RequestShape(prompt, 0, generated, 0);
    }

    static void requireTokens(int tokens, String what) {
        if (tokens < 1 || tokens > MAX_TOKENS) {
            throw new IllegalArgumentException(
                    what + " of " + tokens + " tokens, expected 1 to " + MAX_TOKENS);
        }
    }
}
