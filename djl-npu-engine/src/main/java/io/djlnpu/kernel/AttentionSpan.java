package io.djlnpu.kernel;

/**
 * Which keys a chunk of queries sees, for plans.
 *
 * @param tokens queries of the chunk
 * @param past keys before the chunk
 * @param window newest keys that a query sees, its own included
 * @param causal whether a query sees only keys up to its own
 */
public record AttentionSpan(int tokens, int past, int window, boolean causal) {

    /**
     * Describes a chunk whose queries see all keys up to their own.
     *
     * @param tokens queries
     * @param past keys before the chunk
     * @return the span
     */
    public static AttentionSpan causal(int tokens, int past) {
        return new AttentionSpan(tokens, past, Integer.MAX_VALUE, true);
    }

    /**
     * Describes a chunk whose queries see a window of keys that ends with their own.
     *
     * @param tokens queries
     * @param past keys before the chunk
     * @param window keys that a query sees
     * @return the span
     */
    public static AttentionSpan windowed(int tokens, int past, int window) {
        return new AttentionSpan(tokens, past, window, true);
    }

    /**
     * Describes queries that all see each other, as patches of an image do.
     *
     * @param tokens queries
     * @return the span
     */
    public static AttentionSpan mutual(int tokens) {
        return new AttentionSpan(tokens, 0, Integer.MAX_VALUE, false);
    }

    /**
     * Returns the scores of one head.
     *
     * @return pairs of a query and a key that it sees
     */
    public long scores() {
        if (!causal) {
            return (long) tokens * (past + tokens);
        }
        // queries that see less than a window, and the rest
        long growing = Math.clamp((long) window - past, 0, tokens);
        return growing * past + growing * (growing + 1) / 2 + (tokens - growing) * (long) window;
    }

    /**
     * Returns the keys that stream past when each block of queries is given all that its queries
     * see.
     *
     * @param block queries of a block
     * @return keys, over all blocks
     */
    public long streamedKeys(int block) {
        long blocks = Math.ceilDiv(tokens, block);
        if (!causal) {
            return blocks * (past + tokens);
        }
        // each block ends with its last query's key ...
        long ends = blocks * past + block * (blocks - 1) * blocks / 2 + tokens;
        // ... and begins where its first query's window does, unless that is before the first key
        long firstPassed = Math.max(0, Math.floorDiv((long) window - 1 - past, block) + 1);
        long passing = Math.max(0, blocks - firstPassed);
        long begins =
                passing * (past + 1L - window) + block * (firstPassed + blocks - 1) * passing / 2;
        return ends - begins;
    }
}
