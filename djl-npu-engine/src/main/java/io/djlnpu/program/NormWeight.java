package io.djlnpu.program;

/** Where the weight of a norm of the residual stream's width stands in a layer. */
public enum NormWeight {
    /** Before attention. */
    BEFORE_ATTENTION,
    /** After attention, before the sum. */
    AFTER_ATTENTION,
    /** Before the MLP. */
    BEFORE_MLP,
    /** After the MLP, before the sum. */
    AFTER_MLP
}
