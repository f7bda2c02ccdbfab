package io.djlnpu.program;

/** A layer's matrices, by role. */
public enum LayerMatrix {
    /** To queries. */
    QUERY(Operand.QUERY),
    /** To keys. */
    KEY(Operand.KEY),
    /** To values. */
    VALUE(Operand.VALUE),
    /** From the heads back to the residual stream's width. */
    OUTPUT(Operand.PROJECTED),
    /** To the MLP's gate. */
    GATE(Operand.GATE),
    /** To the MLP's other factor. */
    UP(Operand.UP),
    /** From the MLP back to the residual stream's width. */
    DOWN(Operand.PROJECTED);

    private final Operand result;

    LayerMatrix(Operand result) {
        this.result = result;
    }

    /**
     * Returns what the product is.
     *
     * @return its role
     */
    public Operand result() {
        return result;
    }
}
