package io.djlnpu.encode;

/** Encodes rows of matrices over one input. Not thread-safe: one instance a thread. */
interface RowEncoder {

    /** Rows that are encoded together, a multiple of 32. */
    int rows();

    /**
     * Encodes up to {@link #rows} rows.
     *
     * @param rows how many, a multiple of 32
     * @param values {@code [rows, columns]}, finite
     * @param strips receives the Q4NX blocks of each 32 rows
     */
    void encode(int rows, float[] values, byte[][] strips);
}
