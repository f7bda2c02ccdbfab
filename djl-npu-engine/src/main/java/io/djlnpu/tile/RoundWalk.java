package io.djlnpu.tile;

import java.util.List;

/**
 * Double-buffered workers, walked round by round: each gives a result and asks for its next object
 * once it has computed, and DDR and the shims serve them in the same order in every round.
 *
 * <p>A recurrence of sums and maxima, so its time never falls when a transfer or a step grows.
 * <b>Units</b>: seconds.
 */
final class RoundWalk {

    private final NpuDevice device;
    private final Lane[] lanes;
    private final double[] linkIn;
    private final double[] linkOut;
    private double ddrFree;
    private double end;

    RoundWalk(NpuDevice device, List<Worker> workers) {
        this.device = device;
        linkIn = new double[device.columns()];
        linkOut = new double[device.columns()];
        lanes = workers.stream().map(Lane::new).toArray(Lane[]::new);
    }

    /** Leaves rounds out for all that have more than {@code steps}. */
    void skip(int steps, int rounds) {
        for (Lane lane : lanes) {
            if (lane.worker.steps() > steps) {
                lane.steps -= rounds;
            }
        }
    }

    double seconds() {
        for (int round = 0; round < ObjectFifo.PING_PONG; round++) {
            for (Lane lane : lanes) {
                if (lane.steps > round) {
                    lane.fetch(round, 0);
                }
            }
        }
        boolean isBusy = true;
        for (int round = 0; isBusy; round++) {
            isBusy = false;
            for (Lane lane : lanes) {
                if (lane.steps > round) {
                    lane.compute(round);
                    isBusy = true;
                }
            }
        }
        return end;
    }

    /** A transfer that cuts through: it holds DDR and the shim for its own time at each. */
    private double transfer(double request, double ddr, double[] links, int column, double link) {
        double start = Math.max(request, ddrFree);
        ddrFree = start + ddr;
        links[column] = Math.max(start, links[column]) + link;
        double done = Math.max(ddrFree, links[column]);
        end = Math.max(end, done);
        return done;
    }

    /** One worker and its two slots each way. */
    private final class Lane {

        private final Worker worker;
        private final int column;
        private final double stepSeconds;
        private final double[] arrived = new double[ObjectFifo.PING_PONG];
        private final double[] written = new double[ObjectFifo.PING_PONG];
        private int steps;
        private double computed;

        Lane(Worker worker) {
            this.worker = worker;
            column = worker.tile().column();
            stepSeconds = worker.stepSeconds(device);
            steps = worker.steps();
        }

        void fetch(int round, double request) {
            arrived[round % ObjectFifo.PING_PONG] =
                    transfer(
                            request,
                            worker.readBytes() / device.ddr().value(),
                            linkIn,
                            column,
                            worker.input().objectBytes() / device.stream().value());
        }

        void compute(int round) {
            int slot = round % ObjectFifo.PING_PONG;
            double start = Math.max(computed, Math.max(arrived[slot], written[slot]));
            computed = start + stepSeconds;
            end = Math.max(end, computed);
            if (worker.output().objectBytes() > 0) {
                written[slot] =
                        transfer(
                                computed,
                                worker.writeBytes() / device.ddr().value(),
                                linkOut,
                                column,
                                worker.output().objectBytes() / device.stream().value());
            }
            if (round + ObjectFifo.PING_PONG < steps) {
                fetch(round + ObjectFifo.PING_PONG, computed);
            }
        }
    }
}
