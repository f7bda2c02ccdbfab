package io.djlnpu.timing;

import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.tile.Worker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Plays a runtime sequence out: fifo slots are acquired and released, transfers queue at DDR and at
 * their column's shim, cores wait for full input and free output slots.
 *
 * <p>A transfer cuts through: it holds DDR and the shim for its own time at each. Both serve in the
 * order of arrival. <b>Units</b>: seconds from the start of the sequence.
 */
public final class EventSimulator {

    /**
     * A stretch in which a track was busy.
     *
     * @param track {@code ddr}, {@code shim 3 in} or {@code core 3,2}
     * @param name what it did
     * @param startSeconds begin
     * @param seconds length
     */
    public record Span(String track, String name, double startSeconds, double seconds) {}

    /**
     * What happened.
     *
     * @param seconds end of the last transfer
     * @param busySeconds time in which cores multiplied, over all cores
     * @param inputStallSeconds time in which cores waited for input, over all cores
     * @param outputStallSeconds time in which cores waited for a free output slot, over all cores
     * @param bytes what crossed DDR
     * @param spans busy stretches, if asked for; of a very long sequence those at its ends, and one
     *     for each track in place of those between
     */
    public record Outcome(
            double seconds,
            double busySeconds,
            double inputStallSeconds,
            double outputStallSeconds,
            long bytes,
            List<Span> spans) {}

    /** The most objects that are played: some half a minute. */
    public static final long MAX_OBJECTS = 50_000_000;

    /** Up to so many objects every span is kept. */
    private static final long FULL_DETAIL = 10_000;

    /** Spans that stay at each end of a track of more. */
    private static final int EDGE = 128;

    private record Event(double time, long order, Runnable action) {}

    private final NpuDevice device;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingDouble(Event::time).thenComparingLong(Event::order));
    private final SpanLog spans;
    private final double[] inputLinkFree;
    private final double[] outputLinkFree;
    private final ArrayDeque<Transfer> ddrQueue = new ArrayDeque<>();
    private boolean ddrBusy;
    private long scheduled;
    private double now;
    private double end;
    private double busy;
    private double inputStall;
    private double outputStall;
    private long bytes;

    private record Transfer(Core core, boolean input, Runnable done) {}

    private EventSimulator(NpuDevice device, SpanLog spans) {
        this.device = device;
        this.spans = spans;
        inputLinkFree = new double[device.columns()];
        outputLinkFree = new double[device.columns()];
    }

    /**
     * Plays a sequence.
     *
     * @param device the device
     * @param sequence the sequence
     * @param recordSpans whether to keep the busy stretches, for a trace
     * @return what happened
     * @throws IllegalArgumentException if the sequence has more than {@link #MAX_OBJECTS}
     */
    public static Outcome play(NpuDevice device, RuntimeSequence sequence, boolean recordSpans) {
        long objects = sequence.objects();
        requirePlayable(objects);
        SpanLog log =
                recordSpans ? new SpanLog(objects > FULL_DETAIL ? EDGE : Integer.MAX_VALUE) : null;
        EventSimulator simulator = new EventSimulator(device, log);
        List<Core> cores = new ArrayList<>();
        sequence.workers().forEach(worker -> cores.add(simulator.new Core(worker)));
        // the arbiter goes round: every core gets its first object before any gets its second
        int rounds = sequence.workers().stream().mapToInt(w -> w.input().depth()).max().orElse(0);
        for (int round = 0; round < rounds; round++) {
            cores.forEach(Core::fetch);
        }
        simulator.drain();
        return new Outcome(
                simulator.end,
                simulator.busy,
                simulator.inputStall,
                simulator.outputStall,
                simulator.bytes,
                log == null ? List.of() : log.spans());
    }

    /**
     * Checks that playing would end in good time.
     *
     * @param objects of all sequences that are to be played
     * @throws IllegalArgumentException if they are more than {@link #MAX_OBJECTS}
     */
    public static void requirePlayable(long objects) {
        if (objects > MAX_OBJECTS) {
            throw new IllegalArgumentException(
                    objects
                            + " objects, more than the "
                            + MAX_OBJECTS
                            + " that are played event by event; take fewer tokens");
        }
    }

    private void drain() {
        for (Event event = events.poll(); event != null; event = events.poll()) {
            now = event.time();
            event.action().run();
        }
    }

    private void at(double time, Runnable action) {
        events.add(new Event(time, scheduled++, action));
    }

    private void span(String track, String name, double start, double seconds) {
        if (seconds > 0) {
            spans.add(track, name, start, seconds);
        }
    }

    private void transfer(Transfer transfer) {
        ddrQueue.add(transfer);
        if (!ddrBusy) {
            serveDdr();
        }
    }

    private void serveDdr() {
        Transfer next = ddrQueue.poll();
        ddrBusy = next != null;
        if (next == null) {
            return;
        }
        Worker worker = next.core().worker;
        long size = next.input() ? worker.readBytes() : worker.writeBytes();
        long object = (next.input() ? worker.input() : worker.output()).objectBytes();
        int column = worker.tile().column();
        double[] links = next.input() ? inputLinkFree : outputLinkFree;
        double ddr = size / device.ddr().value();
        double link = object / device.stream().value();
        double linkStart = Math.max(now, links[column]);
        links[column] = linkStart + link;
        double done = Math.max(now + ddr, linkStart + link);
        String direction = next.input() ? "in" : "out";
        if (spans != null) {
            span("ddr", direction, now, ddr);
            span("shim " + column + " " + direction, direction, linkStart, link);
        }
        bytes += size;
        end = Math.max(end, done);
        at(now + ddr, this::serveDdr);
        at(done, next.done());
    }

    /** One worker, its slots as counters of locks. */
    private final class Core {

        private final Worker worker;
        private final String track;
        private int freeInput;
        private int fullInput;
        private int freeOutput;
        private int fetched;
        private int computed;
        private boolean computing;
        private double idleSince;
        private double inputReadySince;

        Core(Worker worker) {
            this.worker = worker;
            track = "core " + worker.tile().column() + "," + worker.tile().row();
            freeInput = worker.input().depth();
            freeOutput = worker.output().depth();
        }

        /** The shim's loop: acquire a free slot, fill it. */
        void fetch() {
            if (freeInput > 0 && fetched < worker.steps()) {
                freeInput--;
                fetched++;
                transfer(new Transfer(this, true, this::arrived));
            }
        }

        private void arrived() {
            if (fullInput++ == 0) {
                inputReadySince = now;
            }
            compute();
        }

        /** The core's loop: acquire a full input and a free output, multiply, release both. */
        private void compute() {
            if (computing || fullInput == 0 || freeOutput == 0) {
                return;
            }
            double ready = Math.max(idleSince, inputReadySince);
            inputStall += ready - idleSince;
            outputStall += now - ready;
            computing = true;
            fullInput--;
            freeOutput--;
            double seconds = worker.stepSeconds(device);
            busy += seconds;
            if (spans != null) {
                span(track, "step " + computed, now, seconds);
            }
            at(now + seconds, this::computed);
        }

        private void computed() {
            computing = false;
            computed++;
            idleSince = now;
            end = Math.max(end, now);
            freeInput++;
            if (worker.output().objectBytes() > 0) {
                transfer(new Transfer(this, false, this::written));
            } else {
                freeOutput++;
            }
            fetch();
            compute();
        }

        private void written() {
            freeOutput++;
            compute();
        }
    }
}
