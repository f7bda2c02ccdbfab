package io.djlnpu.tile;

/**
 * A synchronised queue of equal objects between a producer and a consumer.
 *
 * @param name of the fifo
 * @param depth slots; {@link #PING_PONG} lets transfer and computation overlap
 * @param objectBytes bytes of one object
 */
public record ObjectFifo(String name, int depth, long objectBytes) {

    /** Two slots: one is filled while the other is used. */
    public static final int PING_PONG = 2;

    /** Checks the sizes. */
    public ObjectFifo {
        if (depth < 1 || objectBytes < 0) {
            throw new IllegalArgumentException(
                    name
                            + ": "
                            + depth
                            + " slots of "
                            + objectBytes
                            + " bytes, expected at least one slot of no negative size");
        }
    }
}
