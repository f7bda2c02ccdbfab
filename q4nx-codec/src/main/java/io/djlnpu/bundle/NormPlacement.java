package io.djlnpu.bundle;

/** Where a layer normalises the residual stream. */
public enum NormPlacement {
    /** Before each block: two norms a layer. */
    BEFORE,
    /** Before and after each block: four norms a layer. */
    AROUND,
    /** After each block: two norms a layer. */
    AFTER
}
