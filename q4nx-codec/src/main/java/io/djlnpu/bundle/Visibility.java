package io.djlnpu.bundle;

/**
 * Which keys a query sees beside its own.
 *
 * @param before keys before it, or {@link #UNLIMITED}
 * @param after keys after it, or {@link #UNLIMITED}
 */
public record Visibility(int before, int after) {

    /** All that there are. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Everything up to the query itself. */
    public static final Visibility CAUSAL = new Visibility(UNLIMITED, 0);

    /** Everything, in both directions. */
    public static final Visibility ALL = new Visibility(UNLIMITED, UNLIMITED);

    /**
     * Checks the counts.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public Visibility {
        if (before < 0 || after < 0) {
            throw new IllegalArgumentException(
                    "a query sees " + before + " keys before and " + after + " after it");
        }
    }

    /**
     * Returns a causal window.
     *
     * @param keys how many keys it spans, the query's own included
     * @return the window
     */
    public static Visibility window(int keys) {
        return new Visibility(keys - 1, 0);
    }

    /**
     * Returns a window over both directions.
     *
     * @param each keys on each side
     * @return the window
     */
    public static Visibility around(int each) {
        return new Visibility(each, each);
    }

    /**
     * Tells whether a query sees no key after its own, so that tokens can be decoded one by one.
     *
     * @return true for a causal rule
     */
    public boolean isCausal() {
        return after == 0;
    }

    /**
     * Tells whether distance matters.
     *
     * @return true if not all keys before a query are seen
     */
    public boolean isWindow() {
        return before != UNLIMITED;
    }
}
