package io.djlnpu.machine;

/** Bytes that were moved, by the memory that they left or entered. */
public final class Traffic {

    private final long[] left = new long[Memory.Level.values().length];
    private final long[] entered = new long[Memory.Level.values().length];

    void enter(Memory to, long bytes) {
        entered[to.level().ordinal()] += bytes;
    }

    void leave(Memory from, long bytes) {
        left[from.level().ordinal()] += bytes;
    }

    /**
     * Returns what was read by DMA; a broadcast is read once.
     *
     * @param level of the memories
     * @return bytes
     */
    public long readFrom(Memory.Level level) {
        return left[level.ordinal()];
    }

    /**
     * Returns what was written by DMA; a broadcast is written in each place.
     *
     * @param level of the memories
     * @return bytes
     */
    public long writtenTo(Memory.Level level) {
        return entered[level.ordinal()];
    }
}
