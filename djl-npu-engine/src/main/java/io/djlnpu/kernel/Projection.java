package io.djlnpu.kernel;

import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.MemorySegment;

/**
 * A matrix that prefill multiplies with, whatever its weights are stored as: it comes in panels of
 * 32 rows by 256 columns.
 *
 * <p><b>Shape</b>: {@code [rows, columns]} = {@code [outputs, inputs]}; rows come in blocks of 32.
 */
public interface Projection {

    /**
     * Returns the name.
     *
     * @return the tensor's name
     */
    String name();

    /**
     * Returns the outputs.
     *
     * @return rows, a multiple of 32
     */
    int rows();

    /**
     * Returns the inputs.
     *
     * @return columns without padding
     */
    int columns();

    /**
     * Returns the inputs with what fills the last panel.
     *
     * @return columns, a multiple of 256
     */
    int paddedColumns();

    /**
     * Returns the blocks of rows.
     *
     * @return {@code rows / 32}
     */
    int rowBlocks();

    /**
     * Returns the panels of a block of rows.
     *
     * @return {@code paddedColumns / 256}
     */
    int columnBlocks();

    /**
     * Expands one block of 32 rows x 256 columns.
     *
     * @param simd inner loops
     * @param rowBlock block from the top
     * @param columnBlock block from the left
     * @param narrow whether weights are rounded to bf16
     * @param panel receives {@code [columns][32]}
     * @param scratch of this thread's own
     * @return columns expanded: 256, or fewer in the last block
     */
    int expand(
            SimdProvider simd,
            int rowBlock,
            int columnBlock,
            boolean narrow,
            MemorySegment panel,
            MemorySegment scratch);
}
