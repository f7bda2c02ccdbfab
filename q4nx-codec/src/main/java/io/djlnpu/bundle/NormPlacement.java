package io.djlnpu.bundle;

/** Where a decoder layer normalises the residual stream. */
public enum NormPlacement {
    /** Before attention and before the MLP: two a layer (Llama, Qwen). */
    BEFORE(2),

    /**
     * Before and after each, what comes out joining the residual stream normalised: four a layer
     * (Gemma 2 and 3).
     */
    AROUND(4),

    /** After each only: two a layer (OLMo 2). Priced, not run. */
    AFTER(2);

    private final int count;

    NormPlacement(int count) {
        this.count = count;
    }

    /**
     * Returns how many norms of the residual stream's width a layer has.
     *
     * @return 2 or 4
     */
    public int count() {
        return count;
    }
}
