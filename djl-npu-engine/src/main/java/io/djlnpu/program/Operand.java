package io.djlnpu.program;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.LayerTensor;

/** What a layer's steps read and write, by role; each is {@code [tokens, width]}. */
public enum Operand {
    /** The stream that every block adds to. */
    RESIDUAL,
    /** The residual stream, normalised. */
    NORMED,
    /** Queries of all heads. */
    QUERY,
    /** Keys of all heads. */
    KEY,
    /** Values of all heads. */
    VALUE,
    /** What attention made of the values. */
    ATTENDED,
    /** What a block made, in the width of the residual stream. */
    PROJECTED,
    /** The gate, and then the product of gate and up. */
    GATE,
    /** The other factor. */
    UP;

    /**
     * Returns the width.
     *
     * @param spec the model
     * @return floats of a token's row
     */
    public int width(DecoderSpec spec) {
        return switch (this) {
            case RESIDUAL, NORMED, PROJECTED -> spec.hiddenSize();
            case QUERY, ATTENDED -> spec.queryWidth();
            case KEY, VALUE -> spec.keyValueWidth();
            case GATE, UP -> spec.intermediateSize();
        };
    }

    /**
     * Names what a matrix makes.
     *
     * @param matrix one of a layer's matrices
     * @return its product
     * @throws IllegalArgumentException for a norm
     */
    public static Operand productOf(LayerTensor matrix) {
        return switch (matrix) {
            case QUERY -> QUERY;
            case KEY -> KEY;
            case VALUE -> VALUE;
            case OUTPUT, DOWN -> PROJECTED;
            case GATE -> GATE;
            case UP -> UP;
            default -> throw new IllegalArgumentException(matrix + " is no matrix");
        };
    }
}
