package io.djlnpu.machine;

import io.djlnpu.tile.NpuDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The clock and what happens when. Events of the same cycle happen in the order in which they were
 * scheduled, so that a run is repeatable.
 */
public final class Machine {

    private record Event(double cycle, long number, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    (a, b) -> {
                        int byCycle = Double.compare(a.cycle, b.cycle);
                        return byCycle != 0 ? byCycle : Long.compare(a.number, b.number);
                    });
    private final NpuDevice device;
    private final Traffic traffic = new Traffic();
    private final Rail ddr;
    private final List<CoreWorker> workers = new ArrayList<>();
    private final List<DmaChannel> channels = new ArrayList<>();
    private HostSequence host;
    private double now;
    private long number;

    /**
     * Builds an idle machine.
     *
     * @param device whose clock and memory rate count
     */
    public Machine(NpuDevice device) {
        this.device = device;
        ddr = new Rail(device.ddr().value() / device.core().clock().value());
    }

    /**
     * Returns the device.
     *
     * @return the device
     */
    public NpuDevice device() {
        return device;
    }

    /**
     * Returns what was moved so far.
     *
     * @return bytes by level
     */
    public Traffic traffic() {
        return traffic;
    }

    /**
     * Returns the cycle.
     *
     * @return cycles of the array's clock since the start
     */
    public double cycle() {
        return now;
    }

    /**
     * Returns the time.
     *
     * @return seconds since the start
     */
    public double seconds() {
        return now / device.core().clock().value();
    }

    /**
     * Returns the workers.
     *
     * @return in the order of their making
     */
    public List<CoreWorker> workers() {
        return List.copyOf(workers);
    }

    Rail ddr() {
        return ddr;
    }

    void add(CoreWorker worker) {
        workers.add(worker);
    }

    void add(DmaChannel channel) {
        channels.add(channel);
    }

    void at(double cycle, Runnable action) {
        events.add(new Event(cycle, number++, action));
    }

    /**
     * Runs until nothing is left to do.
     *
     * @param sequence what the host does
     * @throws DeadlockException if host or workers wait for what nobody will do
     */
    public void run(HostSequence sequence) {
        host = sequence;
        workers.forEach(worker -> at(now, worker::proceed));
        channels.forEach(channel -> at(now, channel::proceed));
        at(now, host::proceed);
        while (!events.isEmpty()) {
            Event event = events.poll();
            now = event.cycle();
            event.action().run();
        }
        if (!host.isDone() || workers.stream().anyMatch(worker -> !worker.isDone())) {
            throw new DeadlockException(waiting());
        }
    }

    private List<String> waiting() {
        List<String> report = new ArrayList<>();
        if (!host.isDone()) {
            report.add(host.toString());
        }
        workers.stream().filter(w -> !w.isDone()).forEach(w -> report.add(w.toString()));
        channels.stream().filter(DmaChannel::isWaiting).forEach(c -> report.add(c.toString()));
        return report;
    }
}
