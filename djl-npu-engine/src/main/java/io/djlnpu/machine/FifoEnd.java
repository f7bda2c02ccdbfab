package io.djlnpu.machine;

import java.util.ArrayList;
import java.util.List;

/**
 * One end of an object fifo: slots in a tile's memory that one side fills and another empties, a
 * DMA channel or a core each. What is emptied is poisoned again.
 */
public final class FifoEnd {

    private final String name;
    private final List<Region> slots = new ArrayList<>();
    private final Lock empty;
    private final Lock full;
    private int filling;
    private int emptying;
    private String filler = "nobody";
    private String emptier = "nobody";

    FifoEnd(Machine machine, String name, Memory memory, int depth, int bytes) {
        this.name = name;
        for (int i = 0; i < depth; i++) {
            slots.add(memory.allocate(name + "[" + i + "]", bytes));
        }
        empty = new Lock(machine, name + ".empty", depth);
        full = new Lock(machine, name + ".full", 0);
    }

    String name() {
        return name;
    }

    int depth() {
        return slots.size();
    }

    int bytes() {
        return slots.getFirst().bytes();
    }

    void filledBy(String who) {
        filler = who;
    }

    void emptiedBy(String who) {
        emptier = who;
    }

    Lock lock(boolean toFill) {
        return toFill ? empty : full;
    }

    /** Who would release what the other side waits for. */
    String other(boolean toFill) {
        return toFill ? emptier : filler;
    }

    /** The slot that is being filled or emptied. */
    Region slot(boolean toFill) {
        return slots.get((toFill ? filling : emptying) % slots.size());
    }

    /** Hands the slot to the other side. */
    void release(boolean toFill) {
        if (toFill) {
            filling++;
            full.release();
        } else {
            slot(false).poison();
            emptying++;
            empty.release();
        }
    }
}
