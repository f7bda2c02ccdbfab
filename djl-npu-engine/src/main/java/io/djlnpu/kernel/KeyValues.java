package io.djlnpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Keys and values of one layer as attention reads them.
 *
 * <p><b>Shape</b>: {@code [kvHeads, capacity, headDim]}; position p lies in slot {@code p %
 * capacity}. Capacity is a multiple of {@link io.djlnpu.simd.Attention#MAX_KEYS}, so an aligned run
 * of positions is a run of slots.
 */
public interface KeyValues {

    /**
     * Returns the keys.
     *
     * @return bf16 or float32
     */
    MemorySegment keys();

    /**
     * Returns the values.
     *
     * @return bf16 or float32
     */
    MemorySegment values();

    /**
     * Returns the slots of a head.
     *
     * @return a multiple of 64
     */
    int capacity();

    /**
     * Tells the element type.
     *
     * @return true for bf16, false for float32
     */
    boolean bf16();
}
