package io.djlnpu.timing;

import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.tile.Worker;

/**
 * The analytic time of a double-buffered sequence: filling the first slots, then the slowest of
 * arithmetic, streams and DDR, then writing the last objects.
 *
 * @param fillSeconds until the last core has its first object
 * @param steadySeconds the slowest resource over all objects but those of fill and drain
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
        double[] columnIn = new double[device.columns()];
        double[] columnOut = new double[device.columns()];
        double[] firstIn = new double[device.columns()];
        double firstDdr = 0;
        double ddr = 0;
        double compute = 0;
        double lastStep = 0;
        double lastOut = 0;
        for (Worker worker : sequence.workers()) {
            int column = worker.tile().column();
            double in = worker.input().objectBytes();
            double out = worker.output().objectBytes();
            columnIn[column] += worker.steps() * in / device.stream().value();
            columnOut[column] += worker.steps() * out / device.stream().value();
            firstIn[column] += in / device.stream().value();
            firstDdr += in / device.ddr().value();
            ddr += worker.steps() * (in + out) / device.ddr().value();
            double step = worker.macsPerStep() / device.tileMacsPerSecond();
            compute = Math.max(compute, worker.steps() * step);
            lastStep = Math.max(lastStep, step);
            lastOut =
                    Math.max(
                            lastOut,
                            Math.max(out / device.stream().value(), out / device.ddr().value()));
        }
        double stream = Math.max(max(columnIn), max(columnOut));
        double fill = Math.max(firstDdr, max(firstIn));
        double transfers = Math.max(stream, ddr);
        // what arithmetic bounds starts after the fill; what transfers bound has the fill within it
        double steady = Math.max(compute - lastStep, transfers - fill);
        return new Pipeline(fill, Math.max(0, steady), lastStep + lastOut, compute, stream, ddr);
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
}
