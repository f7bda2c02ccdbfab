package io.djlnpu.kernel;

/** Which keys the queries of a chunk see: one contiguous range of positions each. */
public interface VisibleKeys {

    /**
     * Returns the oldest visible position.
     *
     * @param token index in the chunk
     * @return position of the first key
     */
    int first(int token);

    /**
     * Returns where visibility ends.
     *
     * @param token index in the chunk
     * @return one past the position of the last key
     */
    int end(int token);
}
