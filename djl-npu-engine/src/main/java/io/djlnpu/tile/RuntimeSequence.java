package io.djlnpu.tile;

import java.util.ArrayList;
import java.util.List;

/**
 * A plan laid out as workers: which core takes and gives how many objects of what size.
 *
 * <p>The plan's bytes and multiply-accumulates are dealt out by the tiles' shares and rounded up to
 * whole objects, so that the sequence moves at least what the plan counts.
 *
 * @param kernel name of the kernel
 * @param workers one a tile that takes part
 */
public record RuntimeSequence(String kernel, List<Worker> workers) {

    /** Copies the list. */
    public RuntimeSequence {
        workers = List.copyOf(workers);
    }

    /**
     * Lays a plan out.
     *
     * @param plan the plan
     * @param depth slots of each fifo
     * @return its workers
     */
    public static RuntimeSequence of(DataflowPlan plan, int depth) {
        long units = plan.shares().stream().mapToLong(s -> s.end() - s.first()).sum();
        List<Worker> workers = new ArrayList<>();
        for (TileShare share : plan.shares()) {
            double part = (share.end() - share.first()) / (double) units;
            double read = part * plan.ddrReadBytes();
            int steps = (int) Math.max(1, Math.ceil(read / plan.demand().objectBytes()));
            workers.add(
                    new Worker(
                            share.tile(),
                            new ObjectFifo("in", depth, (long) Math.ceil(read / steps)),
                            new ObjectFifo(
                                    "out",
                                    depth,
                                    (long) Math.ceil(part * plan.ddrWriteBytes() / steps)),
                            steps,
                            (long) Math.ceil(part * plan.macs() / steps)));
        }
        return new RuntimeSequence(plan.kernel(), workers);
    }

    /**
     * Returns what crosses from DDR.
     *
     * @return bytes
     */
    public long readBytes() {
        return workers.stream().mapToLong(w -> w.steps() * w.input().objectBytes()).sum();
    }

    /**
     * Returns what crosses to DDR.
     *
     * @return bytes
     */
    public long writtenBytes() {
        return workers.stream().mapToLong(w -> w.steps() * w.output().objectBytes()).sum();
    }

    /**
     * Returns what is multiplied.
     *
     * @return multiply-accumulates
     */
    public long macs() {
        return workers.stream().mapToLong(w -> w.steps() * w.macsPerStep()).sum();
    }
}
