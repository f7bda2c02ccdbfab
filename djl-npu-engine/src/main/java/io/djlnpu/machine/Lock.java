package io.djlnpu.machine;

import java.util.ArrayDeque;

/** A counting lock of a tile: taken one at a time, in the order of asking. */
final class Lock {

    /** Who asks for a lock. */
    interface Holder {

        /** The lock is taken. */
        void granted();
    }

    /** The greatest value that the circuit counts. */
    static final int MAX_VALUE = 63;

    private final Machine machine;
    private final String name;
    private final ArrayDeque<Holder> waiting = new ArrayDeque<>();
    private int value;

    Lock(Machine machine, String name, int value) {
        this.machine = machine;
        this.name = name;
        this.value = value;
    }

    /** Takes the lock, now or when someone releases it; tells whether now. */
    boolean acquire(Holder holder) {
        if (value > 0 && waiting.isEmpty()) {
            value--;
            return true;
        }
        waiting.add(holder);
        return false;
    }

    void release() {
        if (waiting.isEmpty()) {
            if (++value > MAX_VALUE) {
                throw new IllegalStateException("lock " + name + " is released above 63");
            }
        } else {
            machine.at(machine.cycle(), waiting.poll()::granted);
        }
    }

    @Override
    public String toString() {
        return name + " (value " + value + ")";
    }
}
