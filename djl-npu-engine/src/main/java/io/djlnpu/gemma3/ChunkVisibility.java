package io.djlnpu.gemma3;

import io.djlnpu.kernel.VisibleKeys;

/**
 * Causal visibility of a chunk, over all keys or over a sliding window that includes the query's
 * own key.
 */
final class ChunkVisibility implements VisibleKeys {

    private final int window;
    private int position;

    /**
     * Constructs the rule.
     *
     * @param window visible keys, or 0 for all
     */
    ChunkVisibility(int window) {
        this.window = window;
    }

    void startAt(int chunkPosition) {
        position = chunkPosition;
    }

    @Override
    public int first(int token) {
        return window == 0 ? 0 : Math.max(0, position + token + 1 - window);
    }

    @Override
    public int end(int token) {
        return position + token + 1;
    }
}
