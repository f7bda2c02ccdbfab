package io.djlnpu.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes of a tile, or a buffer of DDR. What nothing was written to is poisoned: it holds a
 * signalling bf16 pattern, and reading it fails.
 */
public final class Memory {

    /** Where a memory is. */
    public enum Level {
        /** Outside the array. */
        DDR,
        /** In a mem tile. */
        L2,
        /** In a compute tile. */
        L1
    }

    private static final int ALIGNMENT = 32;
    private static final byte POISON_LOW = (byte) 0xa1;
    private static final byte POISON_HIGH = 0x7f;

    private final String name;
    private final Level level;
    private final byte[] data;
    private final boolean[] written;
    private final List<Region> regions = new ArrayList<>();
    private long demanded;

    Memory(String name, Level level, int bytes) {
        this.name = name;
        this.level = level;
        data = new byte[bytes];
        written = new boolean[bytes];
        poison(0, bytes);
    }

    /**
     * Registers a buffer of DDR that holds data.
     *
     * @param name of the buffer
     * @param content what it holds; copied
     * @return the whole buffer
     */
    public static Region ddr(String name, byte[] content) {
        Region region = ddr(name, content.length);
        region.put(0, content, 0, content.length);
        return region;
    }

    /**
     * Registers a poisoned buffer of DDR.
     *
     * @param name of the buffer
     * @param bytes its length
     * @return the whole buffer
     */
    public static Region ddr(String name, int bytes) {
        return new Memory(name, Level.DDR, bytes).allocate(name, bytes);
    }

    /**
     * Returns where the memory is.
     *
     * @return its level
     */
    public Level level() {
        return level;
    }

    String name() {
        return name;
    }

    byte[] data() {
        return data;
    }

    /** Sets bytes aside, beyond the end too: {@link TileArray#check} refuses that. */
    Region allocate(String what, int bytes) {
        Region region = new Region(this, what, (int) Math.min(demanded, data.length), bytes);
        regions.add(region);
        demanded += Math.ceilDiv(bytes, ALIGNMENT) * (long) ALIGNMENT;
        return region;
    }

    /**
     * Returns what is set aside.
     *
     * @return bytes
     */
    public long demanded() {
        return demanded;
    }

    /**
     * Returns the memory map.
     *
     * @return a line a region: where it starts, its length, its name
     */
    public String map() {
        StringBuilder map = new StringBuilder(name).append(System.lineSeparator());
        for (Region region : regions) {
            map.append(
                    String.format(
                            "  %6d %6d %s%n", region.offset(), region.bytes(), region.name()));
        }
        return map.append(String.format("  %6d of %d bytes%n", demanded, data.length)).toString();
    }

    void poison(int at, int bytes) {
        for (int i = at; i < at + bytes; i++) {
            data[i] = (i & 1) == 0 ? POISON_LOW : POISON_HIGH;
        }
        Arrays.fill(written, at, at + bytes, false);
    }

    void wrote(int at, int bytes) {
        Arrays.fill(written, at, at + bytes, true);
    }

    void requireWritten(Region region, int at, int bytes) {
        for (int i = at; i < at + bytes; i++) {
            if (!written[i]) {
                throw new PoisonException(
                        "byte "
                                + (i - region.offset())
                                + " of "
                                + region.name()
                                + " in "
                                + name
                                + " is read, but nothing wrote it");
            }
        }
    }
}
