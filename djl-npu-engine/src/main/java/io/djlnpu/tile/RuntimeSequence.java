package io.djlnpu.tile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A plan laid out as workers: which core takes and gives how many objects of what size.
 *
 * <p>The plan's bytes and multiply-accumulates are dealt out by the tiles' shares and rounded up to
 * whole objects, so that the sequence moves at least what the plan counts.
 *
 * @param kernel name of the kernel
 * @param workers one a tile that takes part, in the order in which they are served
 */
public record RuntimeSequence(String kernel, List<Worker> workers) {

    private static final int MAX_STEPS = 1 << 30;

    /**
     * Orders the workers: every column has a shim of its own, so that all first cores are served
     * before any second.
     */
    public RuntimeSequence {
        workers =
                workers.stream()
                        .sorted(Comparator.comparingInt(worker -> worker.tile().row()))
                        .toList();
    }

    /**
     * Lays a plan out.
     *
     * @param device the device that the plan is for
     * @param plan the plan
     * @param depth slots of each fifo
     * @return its workers
     */
    public static RuntimeSequence of(NpuDevice device, DataflowPlan plan, int depth) {
        long units = plan.shares().stream().mapToLong(TileShare::units).sum();
        List<Worker> workers = new ArrayList<>();
        Work work = plan.work();
        int[] inColumn = new int[device.columns()];
        plan.shares().forEach(share -> inColumn[share.tile().column()]++);
        for (TileShare share : plan.shares()) {
            double part = share.units() / (double) units;
            // what comes from DDR passes the column's own shim, or equal parts of it all shims
            double shimPart =
                    plan.demand().isBroadcastAlongRows()
                            ? 1.0 / device.columns() / inColumn[share.tile().column()]
                            : part;
            double streamed = Math.max(part * work.streamBytes(), shimPart * work.ddrReadBytes());
            int steps =
                    (int)
                            Math.clamp(
                                    Math.ceil(streamed / plan.demand().objectBytes()),
                                    1,
                                    MAX_STEPS);
            workers.add(
                    new Worker(
                            share.tile(),
                            new ObjectFifo("in", depth, upwards(streamed / steps)),
                            new ObjectFifo(
                                    "out", depth, upwards(part * work.ddrWriteBytes() / steps)),
                            steps,
                            upwards(part * work.ddrReadBytes() / steps),
                            upwards(part * work.ddrWriteBytes() / steps),
                            upwards(part * work.macs() / steps),
                            part * work.cycles() / steps / plan.tilesPerShare()));
        }
        return new RuntimeSequence(plan.kernel(), workers);
    }

    private static long upwards(double value) {
        return (long) Math.ceil(value);
    }

    /**
     * Returns how many objects its workers take.
     *
     * @return objects
     */
    public long objects() {
        return workers.stream().mapToLong(Worker::steps).sum();
    }

    /**
     * Returns what crosses from DDR.
     *
     * @return bytes
     */
    public long readBytes() {
        return workers.stream().mapToLong(w -> w.steps() * w.readBytes()).sum();
    }

    /**
     * Returns what crosses to DDR.
     *
     * @return bytes
     */
    public long writtenBytes() {
        return workers.stream().mapToLong(w -> w.steps() * w.writeBytes()).sum();
    }

    /**
     * Returns what is multiplied.
     *
     * @return multiply-accumulates
     */
    public long macs() {
        return workers.stream().mapToLong(w -> w.steps() * w.macs()).sum();
    }
}
