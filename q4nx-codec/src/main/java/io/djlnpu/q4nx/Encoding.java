package io.djlnpu.q4nx;

/** How float weights become 4-bit codes. */
public enum Encoding {
    /** Searches scale and min for the least squared error; same size, better weights. */
    SEARCH,
    /** FastFlowLM's converter, byte for byte. */
    MINMAX;

    BlockQuantizer quantizer() {
        return this == SEARCH ? new SearchQuantizer() : new MinMaxQuantizer();
    }
}
