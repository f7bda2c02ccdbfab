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
    private final int[] oldest;
    private int position;

    /**
     * Constructs the rule.
     *
     * @param window visible keys, or 0 for all
     * @param imageFirst for each token of the chunk, where in the chunk its image starts; a token
     *     of text is an image of its own
     * @param imageEnd where it ends
     * @param oldest for each token of the chunk, the position before which it sees nothing
     */
    ChunkVisibility(int window, int[] imageFirst, int[] imageEnd, int[] oldest) {
        this.window = window;
        this.imageFirst = imageFirst;
        this.imageEnd = imageEnd;
        this.oldest = oldest;
    }

    void startAt(int chunkPosition) {
        position = chunkPosition;
    }

    @Override
    public int first(int token) {
        int first =
                window == 0
                        ? 0
                        : Math.min(
                                position + imageFirst[token],
                                Math.max(0, position + token + 1 - window));
        return Math.max(first, oldest[token]);
    }

    @Override
    public int end(int token) {
        return position + imageEnd[token];
    }
}
