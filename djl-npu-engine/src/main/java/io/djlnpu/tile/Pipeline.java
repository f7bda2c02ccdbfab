package io.djlnpu.tile;

import java.util.Comparator;
import java.util.List;

/**
 * The analytic time of a double-buffered sequence. Fill, drain and the rounds in which cores drop
 * out are walked object by object in a fixed order ({@link RoundWalk}); the rounds between, all
 * alike, are as long as their slowest resource.
 *
 * <p><b>Units</b>: seconds. For given objects no part falls when a rate does, and none grows by
 * more than the rate shrank: each is made of sums and maxima of transfers and steps.
 *
 * @param seconds the whole time
 * @param fillSeconds until the last core has its first object
 * @param drainSeconds how long transfers rest at the end: the last step and its result
 * @param computeSeconds arithmetic of the busiest core
 * @param streamSeconds transfers of the busiest column, one way
 * @param ddrSeconds transfers at DDR
 */
public record Pipeline(
        double seconds,
        double fillSeconds,
        double drainSeconds,
        double computeSeconds,
        double streamSeconds,
        double ddrSeconds) {

    /** Rounds that are walked of those in which the same cores take part. */
    private static final int WALKED = 6;

    /**
     * Prices a sequence.
     *
     * @param device the device
     * @param sequence its workers; two slots a fifo are assumed
     * @return the time, by part
     */
    public static Pipeline of(NpuDevice device, RuntimeSequence sequence) {
        List<Worker> workers =
                sequence.workers().stream()
                        .sorted(Comparator.comparingInt(Worker::steps).reversed())
                        .toList();
        // from the last rounds, of those who own most, back to the first, of all
        Round round = new Round(device);
        double compute = 0;
        double stream = 0;
        double ddr = 0;
        double skipped = 0;
        RoundWalk walk = new RoundWalk(device, sequence.workers());
        for (int i = 0; i < workers.size(); i++) {
            Worker worker = workers.get(i);
            round.add(worker);
            int fewer = i + 1 == workers.size() ? 0 : workers.get(i + 1).steps();
            int times = worker.steps() - fewer;
            compute += times * round.step;
            stream += times * round.stream();
            ddr += times * round.ddr;
            if (times > WALKED) {
                skipped += (times - WALKED) * Math.max(round.step, round.transfer());
                walk.skip(fewer, times - WALKED);
            }
        }
        return new Pipeline(
                walk.seconds() + skipped,
                round.firstObjects(),
                round.step + round.lastObject,
                compute,
                stream,
                ddr);
    }

    /** One object for each of some workers. */
    private static final class Round {

        private final NpuDevice device;
        private final double[] columnIn;
        private final double[] columnOut;
        private double step;
        private double ddr;
        private double ddrIn;
        private double lastObject;

        Round(NpuDevice device) {
            this.device = device;
            columnIn = new double[device.columns()];
            columnOut = new double[device.columns()];
        }

        void add(Worker worker) {
            int column = worker.tile().column();
            double in = worker.input().objectBytes() / device.stream().value();
            double out = worker.output().objectBytes() / device.stream().value();
            double written = worker.writeBytes() / device.ddr().value();
            columnIn[column] += in;
            columnOut[column] += out;
            ddrIn += worker.readBytes() / device.ddr().value();
            ddr += worker.readBytes() / device.ddr().value() + written;
            step = Math.max(step, worker.stepSeconds(device));
            lastObject = Math.max(lastObject, Math.max(out, written));
        }

        double stream() {
            return Math.max(max(columnIn), max(columnOut));
        }

        double transfer() {
            return Math.max(stream(), ddr);
        }

        double firstObjects() {
            return Math.max(ddrIn, max(columnIn));
        }
    }

    private static double max(double[] values) {
        double most = 0;
        for (double value : values) {
            most = Math.max(most, value);
        }
        return most;
    }

    /**
     * Returns what no overlap with other kernels can save.
     *
     * @return the time of the slowest resource
     */
    public double busiestSeconds() {
        return Math.max(computeSeconds, Math.max(streamSeconds, ddrSeconds));
    }
}
