package io.djlnpu.aie2p;

/** Sum of two rows. <b>Numerics</b>: float32, narrowed by {@link Floor}. */
public final class ResidualRow {

    private ResidualRow() {}

    /**
     * Adds a row to another.
     *
     * @param x bf16, receives the sum
     * @param added bf16
     * @param width their length
     */
    public static void add(float[] x, float[] added, int width) {
        for (int i = 0; i < width; i++) {
            x[i] = Floor.bf16(x[i] + added[i]);
        }
    }
}
