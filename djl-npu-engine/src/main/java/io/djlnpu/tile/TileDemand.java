package io.djlnpu.tile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What a plan asks of the fullest column: its streams, and the buffers beside them.
 *
 * <p>Every stream goes through the mem tile. It takes one channel between shim and mem tile and one
 * for each of its links between mem tile and cores, with a descriptor a slot and two locks a link.
 * Cores may work in pairs of two roles; the fuller role counts.
 *
 * @param flows the streams; the first is the one that flows most often
 * @param coresPerColumn cores of the fullest column that take part; of pairs, both
 * @param localBytes what a core holds beside the streams' slots, the first of a pair if there are
 *     pairs
 * @param secondLocalBytes the same of the second core of a pair
 * @param stagedBytes what a mem tile holds beside the streams' slots
 */
public record TileDemand(
        List<Flow> flows,
        int coresPerColumn,
        long localBytes,
        long secondLocalBytes,
        long stagedBytes) {

    /** Copies the list. */
    public TileDemand {
        flows = List.copyOf(flows);
    }

    /**
     * Describes a kernel whose cores all do the same and which stages nothing in L2.
     *
     * @param coresPerColumn cores of the fullest column that take part
     * @param localBytes what a core holds beside the streams' slots
     * @param flows the streams
     * @return the demand
     */
    public static TileDemand streaming(int coresPerColumn, long localBytes, Flow... flows) {
        return new TileDemand(List.of(flows), coresPerColumn, localBytes, localBytes, 0);
    }

    /**
     * Returns the size of what is streamed into the cores most often.
     *
     * @return bytes of one object of the first stream
     */
    public long objectBytes() {
        return flows.getFirst().objectBytes();
    }

    /**
     * Returns the buffers of the fuller core.
     *
     * @return bytes of L1
     */
    public long l1Bytes() {
        return Math.max(
                localBytes + of(false).mapToLong(Flow::slotBytes).sum(),
                secondLocalBytes + of(true).mapToLong(Flow::slotBytes).sum());
    }

    /**
     * Returns the buffers of a mem tile: each slot of a core has its like there.
     *
     * @return bytes of L2
     */
    public long l2Bytes() {
        return stagedBytes
                + flows.stream().mapToLong(f -> f.slotBytes() * f.links(coresPerColumn)).sum();
    }

    /** Whether every column brings a part of a stream that all columns' cores take. */
    boolean isBroadcastAlongRows() {
        return flows.stream().anyMatch(f -> f.sharing() == Flow.Sharing.ROW);
    }

    private Stream<Flow> of(boolean second) {
        return flows.stream().filter(f -> f.touches(second));
    }

    private long perCore(Predicate<Flow> which) {
        return Math.max(of(false).filter(which).count(), of(true).filter(which).count());
    }

    private long links(boolean in) {
        return flows.stream()
                .filter(f -> f.in() == in)
                .mapToLong(f -> f.links(coresPerColumn))
                .sum();
    }

    /** Compares with the device: which limits are broken and by how much. */
    List<String> misfits(String kernel, NpuDevice device) {
        Geometry has = device.geometry();
        long in = flows.stream().filter(Flow::in).count();
        long out = flows.size() - in;
        Check check = new Check(new ArrayList<>(), kernel, device.name());
        check.atMost("compute tiles a column", coresPerColumn, has.computeRows());
        check.atMost("bytes of L1", l1Bytes(), has.l1Bytes());
        check.atMost("bytes of L2", l2Bytes(), has.l2Bytes());
        check.atMost("core input channels", perCore(Flow::in), has.core().inputChannels());
        check.atMost("core output channels", perCore(f -> !f.in()), has.core().outputChannels());
        long slots =
                Math.max(
                        of(false).mapToLong(Flow::depth).sum(),
                        of(true).mapToLong(Flow::depth).sum());
        check.atMost("core buffer descriptors", slots, has.core().descriptors());
        check.atMost("core locks", 2 * perCore(f -> true), has.core().locks());
        // into the mem tile come the streams to the cores from the shim, and the cores' results
        check.atMost("mem tile input channels", in + links(false), has.mem().inputChannels());
        check.atMost("mem tile output channels", out + links(true), has.mem().outputChannels());
        long memSlots =
                flows.stream().mapToLong(f -> f.depth() * (1L + f.links(coresPerColumn))).sum();
        check.atMost("mem tile buffer descriptors", memSlots, has.mem().descriptors());
        check.atMost("mem tile locks", 2 * (links(true) + links(false)), has.mem().locks());
        check.atMost("shim input channels", in, has.shim().inputChannels());
        check.atMost("shim output channels", out, has.shim().outputChannels());
        check.atMost(
                "shim buffer descriptors",
                (long) ObjectFifo.PING_PONG * flows.size(),
                has.shim().descriptors());
        check.atMost("shim locks", 2L * flows.size(), has.shim().locks());
        return check.broken();
    }

    private record Check(List<String> broken, String kernel, String device) {

        void atMost(String what, long needed, long available) {
            if (needed > available) {
                broken.add(
                        kernel
                                + " needs "
                                + needed
                                + " "
                                + what
                                + ", "
                                + (needed - available)
                                + " more than "
                                + device
                                + " has");
            }
        }
    }
}
