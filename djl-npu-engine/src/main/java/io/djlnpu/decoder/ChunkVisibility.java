package io.djlnpu.decoder;

import io.djlnpu.kernel.VisibleKeys;

/**
 * Visibility in a chunk: causal, over all keys or over a sliding window that includes the query's
 * own key, and all of the query's own image besides.
 */
final class ChunkVisibility implements VisibleKeys {

    private final int window;
    private final int[] imageFirst;
    private final int[] imageEnd;
    private int position;

    /**
     * Constructs the rule.
     *
     * @param window visible keys, or 0 for all
     * @param imageFirst for each token of the chunk, where in the chunk its image starts; a token
     *     of text is an image of its own
     * @param imageEnd where it ends
     */
    ChunkVisibility(int window, int[] imageFirst, int[] imageEnd) {
        this.window = window;
        this.imageFirst = imageFirst;
        this.imageEnd = imageEnd;
    }

    void startAt(int chunkPosition) {
        position = chunkPosition;
    }

    /** The first key that a lone token at a position sees. */
    int oldest(int tokenPosition) {
        return window == 0 ? 0 : Math.max(0, tokenPosition + 1 - window);
    }

    @Override
    public int first(int token) {
        return Math.min(position + imageFirst[token], oldest(position + token));
    }

    @Override
    public int end(int token) {
        return position + imageEnd[token];
    }
}
