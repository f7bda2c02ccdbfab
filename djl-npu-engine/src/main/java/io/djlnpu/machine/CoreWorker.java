package io.djlnpu.machine;

import java.util.ArrayDeque;
import java.util.List;

/** A core with its program: it takes slots, computes and hands them on. */
public final class CoreWorker implements Lock.Holder {

    /** Where a list of steps stands. */
    private static final class Frame {
        private final List<Op> body;
        private int times;
        private int next;

        Frame(List<Op> body, int times) {
            this.body = body;
            this.times = times;
        }
    }

    private final Machine machine;
    private final String name;
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();
    private Op.Acquire waiting;
    private double since;
    private double busy;
    private double starved;
    private double blocked;

    CoreWorker(Machine machine, String name, List<Op> program) {
        this.machine = machine;
        this.name = name;
        frames.push(new Frame(program, 1));
        name(program);
        machine.add(this);
    }

    private void name(List<Op> body) {
        for (Op op : body) {
            if (op instanceof Op.Acquire acquire && acquire.toFill()) {
                acquire.end().filledBy(name);
            } else if (op instanceof Op.Acquire acquire) {
                acquire.end().emptiedBy(name);
            } else if (op instanceof Op.Repeat repeat) {
                name(repeat.body());
            }
        }
    }

    /**
     * Returns the cycles in micro-kernels.
     *
     * @return cycles
     */
    public double busyCycles() {
        return busy;
    }

    /**
     * Returns the cycles without input.
     *
     * @return cycles
     */
    public double starvedCycles() {
        return starved;
    }

    /**
     * Returns the cycles without room for output.
     *
     * @return cycles
     */
    public double blockedCycles() {
        return blocked;
    }

    boolean isDone() {
        return frames.isEmpty();
    }

    /** Runs until a lock is missing or time passes. */
    void proceed() {
        while (!frames.isEmpty()) {
            Op op = next();
            if (op instanceof Op.Acquire acquire) {
                if (!acquire.end().lock(acquire.toFill()).acquire(this)) {
                    waiting = acquire;
                    since = machine.cycle();
                    return;
                }
            } else if (op instanceof Op.Release release) {
                release.end().release(release.toFill());
            } else if (op instanceof Op.Call call) {
                double cycles = call.kernel().getAsDouble();
                busy += cycles;
                machine.at(machine.cycle() + cycles, this::proceed);
                return;
            } else if (op instanceof Op.Repeat repeat) {
                frames.push(new Frame(repeat.body(), repeat.times()));
            }
        }
    }

    /** The next step, or null at the end of a list. */
    private Op next() {
        Frame frame = frames.peek();
        if (frame.times == 0 || frame.body.isEmpty()) {
            frames.pop();
            return null;
        }
        Op op = frame.body.get(frame.next++);
        if (frame.next == frame.body.size()) {
            frame.next = 0;
            frame.times--;
        }
        return op;
    }

    @Override
    public void granted() {
        double cycles = machine.cycle() - since;
        if (waiting.toFill()) {
            blocked += cycles;
        } else {
            starved += cycles;
        }
        waiting = null;
        proceed();
    }

    @Override
    public String toString() {
        return String.format(
                "worker %s waits for lock %s of fifo %s, which %s would release, since cycle %.0f",
                name,
                waiting.end().lock(waiting.toFill()),
                waiting.end().name(),
                waiting.end().other(waiting.toFill()),
                since);
    }
}
