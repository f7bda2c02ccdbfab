package io.djlnpu.tile;

/**
 * A stream of equal objects between DDR and the cores of a column, by way of the mem tile.
 *
 * @param name of the stream
 * @param direction to the cores or from them
 * @param sharing which core gets or gives which object
 * @param depth slots in a core; {@link ObjectFifo#PING_PONG} lets transfer and computation overlap
 * @param objectBytes bytes of one object in a core
 */
public record Flow(String name, Direction direction, Sharing sharing, int depth, long objectBytes) {

    /** Which way. */
    public enum Direction {
        /** From DDR to the cores. */
        IN,
        /** From the cores to DDR. */
        OUT
    }

    /** Which core gets or gives which object. */
    public enum Sharing {
        /** Each core its own: the mem tile deals them out, or gathers them. */
        OWN,
        /** All cores of the column the same. */
        COLUMN,
        /**
         * All cores of a row of the array the same, a row at a time: each mem tile brings an equal
         * part of the stream and sends it along a row.
         */
        ROW,
        /** The first core of each pair its own: queries to score tiles. */
        FIRST_OF_PAIR,
        /** The second core of each pair its own: results of value tiles. */
        SECOND_OF_PAIR,
        /** All first cores one object, all second cores another: keys and values. */
        BY_ROLE
    }

    /**
     * Describes a stream into the cores with two slots.
     *
     * @param name of the stream
     * @param sharing which core gets which object
     * @param objectBytes bytes of one object
     * @return the stream
     */
    public static Flow in(String name, Sharing sharing, long objectBytes) {
        return new Flow(name, Direction.IN, sharing, ObjectFifo.PING_PONG, objectBytes);
    }

    /**
     * Describes a stream out of the cores with two slots.
     *
     * @param name of the stream
     * @param sharing which core gives which object
     * @param objectBytes bytes of one object
     * @return the stream
     */
    public static Flow out(String name, Sharing sharing, long objectBytes) {
        return new Flow(name, Direction.OUT, sharing, ObjectFifo.PING_PONG, objectBytes);
    }

    /** Links between the mem tile and the cores of a column. */
    int links(int cores) {
        return switch (sharing) {
            case OWN -> cores;
            case COLUMN, ROW -> 1;
            case FIRST_OF_PAIR, SECOND_OF_PAIR -> Math.max(1, cores / 2);
            case BY_ROLE -> 2;
        };
    }

    boolean in() {
        return direction == Direction.IN;
    }

    /** Whether the stream touches the first core of a pair, or the second. */
    boolean touches(boolean second) {
        return sharing != (second ? Sharing.FIRST_OF_PAIR : Sharing.SECOND_OF_PAIR);
    }

    long slotBytes() {
        return depth * objectBytes;
    }
}
