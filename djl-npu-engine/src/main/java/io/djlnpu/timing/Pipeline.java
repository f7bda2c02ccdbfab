package io.djlnpu.timing;

import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.tile.Worker;
import java.util.Comparator;
import java.util.List;

/**
 * The analytic time of a double-buffered sequence: filling the first slots, then rounds in which
 * every core takes an object, each as long as its slowest resource, then writing the last objects.
 * Cores that own less drop out, and the rounds of the rest go on without them.
 *
 * @param fillSeconds until the last core has its first object
 * @param steadySeconds the rounds but for what is in fill and drain
 * @param drainSeconds the last step and its result
 * @param computeSeconds arithmetic of the busiest core
 * @param streamSeconds transfers of the busiest column, one way
 * @param ddrSeconds transfers at DDR
 */
public record Pipeline(
        double fillSeconds,
        double steadySeconds,
        double drainSeconds,
        double computeSeconds,
        double streamSeconds,
        double ddrSeconds) {

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
        double rounds = 0;
        boolean endsComputing = false;
        for (int i = 0; i < workers.size(); i++) {
            Worker worker = workers.get(i);
            round.add(worker);
            int steps = worker.steps();
            int fewer = i + 1 == workers.size() ? 0 : workers.get(i + 1).steps();
            if (steps > fewer) {
                if (steps == workers.getFirst().steps()) {
                    endsComputing = round.step >= round.transfer();
                }
                int times = steps - fewer;
                rounds += times * Math.max(round.step, round.transfer());
                compute += times * round.step;
                stream += times * round.stream();
                ddr += times * round.ddr;
            }
        }
        double fill = round.firstObjects();
        double steady =
                rounds
                        - (round.transfer() > round.step ? fill : 0)
                        - (endsComputing ? round.step : 0);
        return new Pipeline(
                fill, Math.max(0, steady), round.step + round.lastObject, compute, stream, ddr);
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
     * Returns the whole time.
     *
     * @return fill, steady state and drain
     */
    public double seconds() {
        return fillSeconds + steadySeconds + drainSeconds;
    }

    /**
     * Tells what limits the steady state.
     *
     * @return the slowest resource
     */
    public KernelCost.Bound bound() {
        if (computeSeconds >= Math.max(streamSeconds, ddrSeconds)) {
            return KernelCost.Bound.COMPUTE;
        }
        return ddrSeconds >= streamSeconds ? KernelCost.Bound.DDR : KernelCost.Bound.STREAM;
    }
}
