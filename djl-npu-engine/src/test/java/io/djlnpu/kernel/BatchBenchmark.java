package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/**
 * A matrix from memory times the vectors of one, four and eight sequences, beside the peak of fused
 * multiply-adds that the same threads reach in registers, in turns.
 *
 * <pre>dev/bench djl-npu-engine --main io.djlnpu.kernel.BatchBenchmark [ROWS COLUMNS [THREADS]]
 * </pre>
 */
public final class BatchBenchmark {

    private static final int ROUNDS = 40;
    private static final int WARM_UP = 30;
    private static final int PEAK_ROUNDS = 1_000_000;
    private static final int[] SEQUENCES = {1, 4, 8};

    private BatchBenchmark() {}

    /**
     * Measures.
     *
     * @param arguments rows and columns of the matrix, by default the 270M's head, and threads
     */
    public static void main(String[] arguments) {
        int rows = arguments.length > 1 ? Integer.parseInt(arguments[0]) : 262_144;
        int columns = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 640;
        int threads =
                arguments.length > 2
                        ? Integer.parseInt(arguments[2])
                        : Runtime.getRuntime().availableProcessors();
        try (TileExecutor executor = new TileExecutor(threads);
                Arena arena = Arena.ofShared()) {
            measure(executor, arena, rows, columns);
        }
    }

    private static void measure(TileExecutor executor, Arena arena, int rows, int columns) {
        SimdProvider simd = SimdProvider.best();
        System.out.printf(
                "%s, %d threads, %d x %d%n", simd.name(), executor.threads(), rows, columns);
        KernelContext context = new KernelContext(NpuDevice.KRACKAN, executor, simd, true, arena);
        MachinePeak machine = new MachinePeak(executor, PEAK_ROUNDS);
        Random random = new Random(1);
        ProjectionWeights[] matrix = {RandomWeights.packed(arena, random, rows, columns)};
        FusedDqp[] products = new FusedDqp[SEQUENCES[SEQUENCES.length - 1]];
        int prepared = MatrixVector.preparedLength(matrix[0].paddedColumns());
        MemorySegment x = context.floats(columns);
        for (int i = 0; i < products.length; i++) {
            for (int c = 0; c < columns; c++) {
                x.setAtIndex(JAVA_FLOAT, c, (float) random.nextGaussian());
            }
            MemorySegment[] output = {context.floats(rows)};
            products[i] = new FusedDqp(context, context.floats(prepared), matrix, output);
            products[i].prepare(x, 0);
        }
        double[][] times = new double[SEQUENCES.length][ROUNDS];
        double[][] shares = new double[SEQUENCES.length][ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            for (int i = 0; i < SEQUENCES.length; i++) {
                int count = SEQUENCES[i];
                double peak = machine.peak();
                double time =
                        MachinePeak.nanoseconds(
                                () -> FusedDqp.run(Arrays.copyOf(products, count), count));
                if (round >= 0) {
                    times[i][round] = time / 1e6;
                    shares[i][round] = 100 * 2.0 * rows * columns * count / time / peak;
                }
            }
        }
        for (int i = 0; i < SEQUENCES.length; i++) {
            double[] gains = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                gains[round] = SEQUENCES[i] * times[0][round] / times[i][round];
            }
            System.out.printf(
                    "%d sequences: %s ms, %s %% of the peak, %s x one%n",
                    SEQUENCES[i],
                    MachinePeak.spread(times[i]),
                    MachinePeak.spread(shares[i]),
                    MachinePeak.spread(gains));
        }
    }
}
