package io.djlnpu.machine;

/** A shared path whose users come one after the other: DDR, or a column's shim. */
final class Rail {

    private final double bytesPerCycle;
    private double free;

    Rail(double bytesPerCycle) {
        this.bytesPerCycle = bytesPerCycle;
    }

    /** Takes the path for some bytes; returns the cycle when they are through. */
    double take(double now, long bytes) {
        free = Math.max(now, free) + bytes / bytesPerCycle;
        return free;
    }
}
