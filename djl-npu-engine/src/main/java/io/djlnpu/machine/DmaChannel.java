package io.djlnpu.machine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A DMA channel: works descriptors off one after the other, each once its lock is taken. Channels
 * of tiles repeat a program over fifo ends; those of a shim take what the host pushes.
 */
final class DmaChannel implements Lock.Holder {

    /** Ends that are visited in turn, the whole turn some times over. */
    record Phase(int times, List<Visit> visits) {}

    /** So many objects of an end, each sent so often. */
    record Visit(FifoEnd end, int objects, int sends) {}

    private final Machine machine;
    private final String name;
    private final boolean out;
    private final int mostDimensions;
    private final ArrayDeque<Transfer> pushed = new ArrayDeque<>();
    private final List<Phase> phases = new ArrayList<>();
    private Iterator<Transfer> program;
    private Transfer current;
    private boolean acquired;
    private int position;
    private double since;
    private DataStream stream;
    private Runnable whenIdle = () -> {};

    DmaChannel(Machine machine, String name, boolean out, int mostDimensions) {
        this.machine = machine;
        this.name = name;
        this.out = out;
        this.mostDimensions = mostDimensions;
        machine.add(this);
    }

    boolean out() {
        return out;
    }

    void connect(DataStream to) {
        stream = to;
    }

    /** Adds to the program of a tile's channel. */
    void then(int times, List<Visit> visits) {
        phases.add(new Phase(times, visits));
        for (Visit visit : visits) {
            if (out) {
                visit.end().emptiedBy(name);
            } else {
                visit.end().filledBy(name);
            }
        }
    }

    /** Descriptors that the program needs: one a slot, for each way that its end is visited. */
    int descriptors() {
        return phases.stream()
                .flatMap(phase -> phase.visits().stream())
                .distinct()
                .mapToInt(visit -> visit.end().depth())
                .sum();
    }

    /** Takes a descriptor of the host. */
    void push(Transfer transfer) {
        String misfit = transfer.tap().misfit(mostDimensions);
        if (misfit != null) {
            throw new DesignException(List.of(name + " cannot walk " + misfit));
        }
        pushed.add(transfer);
        machine.at(machine.cycle(), this::proceed);
    }

    boolean isIdle() {
        return current == null && pushed.isEmpty();
    }

    void whenIdle(Runnable action) {
        whenIdle = action;
    }

    private Transfer next() {
        if (!pushed.isEmpty()) {
            return pushed.poll();
        }
        if (program == null) {
            program = phases.stream().flatMap(this::transfers).iterator();
        }
        return program.hasNext() ? program.next() : null;
    }

    private java.util.stream.Stream<Transfer> transfers(Phase phase) {
        return java.util.stream.IntStream.range(0, phase.times())
                .boxed()
                .flatMap(time -> phase.visits().stream().flatMap(this::transfers));
    }

    private java.util.stream.Stream<Transfer> transfers(Visit visit) {
        Tap tap = Tap.linear(0, visit.end().bytes());
        int sends = visit.sends();
        return java.util.stream.IntStream.range(0, visit.objects() * sends)
                .mapToObj(
                        i -> Transfer.of(visit.end(), tap, i % sends == 0, i % sends == sends - 1));
    }

    /** Goes on as far as locks allow. */
    void proceed() {
        if (current != null) {
            return;
        }
        current = next();
        if (current == null) {
            whenIdle.run();
            return;
        }
        position = 0;
        since = machine.cycle();
        acquired = !current.acquires() || current.end().lock(!out).acquire(this);
        if (acquired) {
            stream.tryStart();
        }
    }

    @Override
    public void granted() {
        acquired = true;
        stream.tryStart();
    }

    boolean isReady() {
        return current != null && acquired;
    }

    boolean isWaiting() {
        return current != null;
    }

    int remaining() {
        return current.tap().bytes() - position;
    }

    /** Whether the end of this transfer ends the object that it goes to. */
    boolean endsObject() {
        return current.ends() && remaining() == 0;
    }

    /** Whether the descriptor is the host's. */
    boolean isHosts() {
        return current.buffer() != null;
    }

    Memory memory() {
        return region().memory();
    }

    private Region region() {
        return current.end() == null ? current.buffer() : current.end().slot(!out);
    }

    /** Reads the next bytes. */
    byte[] read(int bytes) {
        byte[] data = new byte[bytes];
        for (int done = 0; done < bytes; ) {
            int length = Math.min(bytes - done, current.tap().contiguous(position + done));
            byte[] part = region().get(current.tap().at(position + done), length);
            System.arraycopy(part, 0, data, done, length);
            done += length;
        }
        return data;
    }

    /** Writes the next bytes. */
    void write(byte[] data) {
        for (int done = 0; done < data.length; ) {
            int length = Math.min(data.length - done, current.tap().contiguous(position + done));
            region().put(current.tap().at(position + done), data, done, length);
            done += length;
        }
    }

    void move(int bytes) {
        position += bytes;
    }

    /** Ends the descriptor. */
    void complete() {
        Transfer done = current;
        current = null;
        if (done.releases()) {
            done.end().release(!out);
        }
        machine.at(machine.cycle(), this::proceed);
    }

    @Override
    public String toString() {
        String what = current.end() == null ? current.buffer().name() : current.end().name();
        String why =
                acquired
                        ? "waits for the other end of its stream"
                        : "waits for lock "
                                + current.end().lock(!out)
                                + " of fifo "
                                + what
                                + ", which "
                                + current.end().other(!out)
                                + " would release,";
        return String.format("%s (%s) %s since cycle %.0f", name, what, why, since);
    }
}
