package io.djlnpu.q4nx;

/** How float weights become 4-bit codes. */
public enum Encoding {
    /**
     * Searches scale and min for the least squared error; same size, better weights. Weights that
     * lie on a grid of 16 levels stay on it.
     */
    SEARCH,
    /** FastFlowLM's converter, byte for byte. */
    MINMAX,
    /** GGML's Q4_0 rule, for weights that were trained to be rounded by it. */
    Q4_0,
    /**
     * Each weight makes up for the errors of those before it, measured on a text, layer by layer.
     * What cannot be measured is encoded by {@link #SEARCH}.
     */
    BEST;

    BlockQuantizer quantizer() {
        return switch (this) {
            case SEARCH, BEST -> new SearchQuantizer();
            case MINMAX -> new MinMaxQuantizer();
            case Q4_0 -> new SymmetricQuantizer();
        };
    }

    /**
     * Tells whether columns may count differently.
     *
     * @return false if the codes are a rule's alone
     */
    public boolean weighsColumns() {
        return this == SEARCH || this == BEST;
    }
}
