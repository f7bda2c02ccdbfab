package io.djlnpu.machine;

import java.util.ArrayDeque;

/** What the host does: it hands descriptors to shim channels, then waits for those that write. */
public final class HostSequence {

    private record Step(DmaChannel channel, Transfer transfer) {}

    private final ArrayDeque<Step> steps = new ArrayDeque<>();
    private final ArrayDeque<DmaChannel> awaited = new ArrayDeque<>();

    /** Hands a descriptor to a channel. */
    void push(DmaChannel channel, Region buffer, Tap tap) {
        steps.add(new Step(channel, Transfer.of(buffer, tap, false)));
    }

    /** Hands on a descriptor whose last byte ends an object that may be shorter than others. */
    void pushLast(DmaChannel channel, Region buffer, Tap tap) {
        steps.add(new Step(channel, Transfer.of(buffer, tap, true)));
    }

    /** After all is handed on, waits until a channel has done what it was handed. */
    void await(DmaChannel channel) {
        awaited.add(channel);
    }

    boolean isDone() {
        return steps.isEmpty() && awaited.isEmpty();
    }

    void proceed() {
        while (!steps.isEmpty()) {
            Step step = steps.poll();
            step.channel().push(step.transfer());
        }
        while (!awaited.isEmpty() && awaited.peek().isIdle()) {
            awaited.poll();
        }
        if (!awaited.isEmpty()) {
            awaited.peek().whenIdle(this::proceed);
        }
    }

    @Override
    public String toString() {
        return "the host waits for " + awaited.peek();
    }
}
