package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.simd.TokenPanels.Finish;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/**
 * The products of the vision tower at 896 pixels, and its attention with four heads of its sixteen,
 * beside the peak of fused multiply-adds that the same threads reach in registers, in turns. A
 * program of its own: the two must share a minute of the machine.
 *
 * <pre>dev/bench djl-npu-engine --main io.djlnpu.kernel.VisionBenchmark [THREADS]</pre>
 */
public final class VisionBenchmark {

    private static final int ROUNDS = 15;
    private static final int WARM_UP = 3;
    private static final int PEAK_ROUNDS = 4_000_000;
    private static final int WIDTH = 1152;
    private static final int MLP = 4304;

    /** Panels of a run, as the tower has them. */
    private static final int PANELS = 64;

    private static final int HEADS = 4;
    private static final int HEAD_DIM = 72;
    private static final int PATCHES = 4096;

    private final Arena arena = Arena.ofShared();
    private final Random random = new Random(1);
    private final TileExecutor executor;
    private final KernelContext context;
    private final DenseMatmul.Scratch scratch;
    private final MachinePeak machine;

    private VisionBenchmark(int threads) {
        executor = new TileExecutor(threads);
        machine = new MachinePeak(executor, PEAK_ROUNDS);
        context = new KernelContext(NpuDevice.KRACKAN, executor, SimdProvider.best(), false, arena);
        scratch = new DenseMatmul.Scratch(context);
    }

    /**
     * Measures.
     *
     * @param arguments threads
     */
    public static void main(String[] arguments) {
        int threads =
                arguments.length > 0
                        ? Integer.parseInt(arguments[0])
                        : Runtime.getRuntime().availableProcessors();
        VisionBenchmark benchmark = new VisionBenchmark(threads);
        System.out.printf("%s, %d threads%n", SimdProvider.best().name(), threads);
        benchmark.product("width to width", WIDTH, WIDTH, Finish.STORE);
        benchmark.product("width to MLP", MLP, WIDTH, Finish.GELU);
        benchmark.product("MLP to width", WIDTH, MLP, Finish.ADD);
        benchmark.attention();
        benchmark.executor.close();
    }

    private void product(String name, int rows, int columns, Finish finish) {
        int tokens = 32 * PANELS;
        MemorySegment x = activations((long) tokens * columns);
        DenseMatmul product =
                new DenseMatmul(
                        context,
                        scratch,
                        tokens,
                        new DenseWeights[] {DenseWeights.of(matrix(rows, columns))},
                        new float[][] {new float[rows]},
                        finish,
                        new MemorySegment[] {context.floats((long) tokens * rows)});
        measure(name, 2.0 * tokens * rows * columns, () -> product.run(x, 0, 0, PANELS));
    }

    private void attention() {
        long floats = (long) PATCHES * HEADS * HEAD_DIM;
        MemorySegment queries = activations(floats);
        MemorySegment keys = activations(floats);
        MemorySegment values = activations(floats);
        MemorySegment result = context.floats(floats);
        VisionAttention attention = new VisionAttention(context, PATCHES, HEADS, HEAD_DIM);
        measure(
                "attention",
                4.0 * PATCHES * floats,
                () -> attention.run(queries, keys, values, result));
    }

    private void measure(String name, double operations, Runnable work) {
        double[] speeds = new double[ROUNDS];
        double[] peaks = new double[ROUNDS];
        double[] shares = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            double peak = machine.peak();
            double speed = operations / MachinePeak.nanoseconds(work);
            if (round >= 0) {
                peaks[round] = peak;
                speeds[round] = speed;
                shares[round] = 100 * speed / ((peak + machine.peak()) / 2);
            }
        }
        System.out.printf(
                "%-15s %s GFLOP/s, peak %s, share %s %%%n",
                name,
                MachinePeak.spread(speeds),
                MachinePeak.spread(peaks),
                MachinePeak.spread(shares));
    }

    private MemorySegment activations(long count) {
        MemorySegment x = context.floats(count);
        for (long i = 0; i < count; i++) {
            x.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return x;
    }

    private TiledMatrix matrix(int rows, int columns) {
        MemorySegment data = arena.allocate(TiledMatrix.byteLength(rows, columns), 64);
        for (long i = 0; i < data.byteSize() / 2; i++) {
            data.setAtIndex(JAVA_SHORT, i, Bfloat16.fromFloat((float) random.nextGaussian()));
        }
        return new TiledMatrix("w", rows, columns, data);
    }
}
