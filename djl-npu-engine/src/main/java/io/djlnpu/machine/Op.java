package io.djlnpu.machine;

import java.util.List;
import java.util.function.DoubleSupplier;

/** A step of a core's program. */
sealed interface Op {

    /** Takes a fifo's next slot, to fill or to empty. */
    record Acquire(FifoEnd end, boolean toFill) implements Op {}

    /** Hands it to the other side. */
    record Release(FifoEnd end, boolean toFill) implements Op {}

    /** Calls a micro-kernel, which returns its cycles. */
    record Call(DoubleSupplier kernel) implements Op {}

    /** Runs steps some times over. */
    record Repeat(int times, List<Op> body) implements Op {}

    static Op get(FifoEnd end) {
        return new Acquire(end, false);
    }

    static Op free(FifoEnd end) {
        return new Release(end, false);
    }

    static Op room(FifoEnd end) {
        return new Acquire(end, true);
    }

    static Op put(FifoEnd end) {
        return new Release(end, true);
    }

    static Op call(DoubleSupplier kernel) {
        return new Call(kernel);
    }

    static Op repeat(int times, Op... body) {
        return new Repeat(times, List.of(body));
    }
}
