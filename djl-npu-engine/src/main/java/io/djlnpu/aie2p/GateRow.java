package io.djlnpu.aie2p;

/**
 * The gate of an MLP: an activation of one row times another.
 *
 * <p><b>Numerics</b>: {@link GeluTable}, or SiLU by {@link ExpTable} and {@link InverseTable} with
 * each step narrowed; the product narrowed by {@link Floor}. SiLU is by analogy: no reference of
 * the device's rounding is published for it.
 */
public final class GateRow {

    /** What the gate applies. */
    public enum Activation {
        /** GELU, in its tanh form. */
        GELU,
        /** x times its sigmoid. */
        SILU
    }

    private GateRow() {}

    /**
     * Gates a row.
     *
     * @param activation of the gate
     * @param gate bf16, receives the result
     * @param up bf16
     * @param width their length
     */
    public static void apply(Activation activation, float[] gate, float[] up, int width) {
        for (int i = 0; i < width; i++) {
            gate[i] = Floor.bf16(of(activation, gate[i]) * up[i]);
        }
    }

    static float of(Activation activation, float x) {
        return activation == Activation.GELU ? GeluTable.of(x) : silu(x);
    }

    private static float silu(float x) {
        return Floor.bf16(x * InverseTable.of(1 + ExpTable.of(-x)));
    }
}
