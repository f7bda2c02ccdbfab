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

    /**
     * Returns the visibility of a chunk's end.
     *
     * @param token index in the chunk of the first token that is kept
     * @return what the kept tokens see
     */
    default VisibleKeys from(int token) {
        VisibleKeys whole = this;
        return new VisibleKeys() {
            @Override
            public int first(int kept) {
                return whole.first(token + kept);
            }

            @Override
            public int end(int kept) {
                return whole.end(token + kept);
            }
        };
    }
}
