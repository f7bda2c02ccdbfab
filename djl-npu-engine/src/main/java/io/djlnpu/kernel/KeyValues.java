package io.djlnpu.kernel;

import io.djlnpu.simd.Attention;
import java.lang.foreign.MemorySegment;

/**
 * Keys and values of one layer as attention reads them.
 *
 * <p><b>Shape</b>: tiles of 64 x 64, {@code [kvHeads][capacity / 64][headDim / 64]}, of keys {@code
 * [dimension][key]}, of values {@code [key][column]}, as {@link Attention} takes them; a head whose
 * width is no multiple of 64 is padded. Position p lies in slot {@code p % capacity}; the capacity
 * is a multiple of 64, so an aligned run of positions is a run of slots.
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

    /**
     * Returns where a tile lies.
     *
     * @param firstSlot its first slot, counted over all heads
     * @param across which of the tiles that make a head's width
     * @param tiles how many tiles make a head's width
     * @return index of its first element
     */
    static long tileIndex(long firstSlot, int across, int tiles) {
        return (firstSlot * tiles + (long) across * Attention.TILE) * Attention.TILE;
    }
}
