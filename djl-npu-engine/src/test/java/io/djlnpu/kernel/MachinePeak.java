package io.djlnpu.kernel;

import io.djlnpu.simd.FmaPeak;
import java.util.Arrays;
import java.util.Locale;

/** What a machine's threads multiply and add in registers, as the yardstick of benchmarks. */
final class MachinePeak {

    private final TileExecutor executor;
    private final int rounds;

    /** Keeps results alive, which nobody reads. */
    private final float[] sinks;

    MachinePeak(TileExecutor executor, int rounds) {
        this.executor = executor;
        this.rounds = rounds;
        sinks = new float[executor.threads()];
    }

    /** Returns GFLOP/s. */
    double peak() {
        int shares = executor.threads();
        return shares
                * FmaPeak.operations(rounds)
                / nanoseconds(
                        () ->
                                executor.run(
                                        shares,
                                        (share, thread) -> sinks[share] = FmaPeak.run(rounds)));
    }

    static double nanoseconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return System.nanoTime() - start;
    }

    /** Returns the median, with the least and the most. */
    static String spread(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%.1f (%.1f to %.1f)",
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1]);
    }
}
