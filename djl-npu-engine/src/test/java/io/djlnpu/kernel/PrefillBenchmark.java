package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The projections of one decoder layer over a prompt, beside the peak of fused multiply-adds that
 * the same threads reach in registers, in turns. A program of its own: the two must share a minute
 * of the machine.
 *
 * <pre>dev/bench djl-npu-engine --main io.djlnpu.kernel.PrefillBenchmark [TOKENS [THREADS]]</pre>
 */
public final class PrefillBenchmark {

    private static final int ROUNDS = 15;
    private static final int WARM_UP = 5;
    private static final int PEAK_ROUNDS = 4_000_000;

    /** Chunks as {@link io.djlnpu.decoder.DecoderOptions} has them by default. */
    private static final int CHUNK = 256;

    private final Arena arena = Arena.ofShared();
    private final Random random = new Random(1);
    private final SimdProvider simd = SimdProvider.best();
    private final TileExecutor executor;
    private final KernelContext context;
    private final int tokens;
    private final MachinePeak machine;

    private PrefillBenchmark(int tokens, int threads) {
        this.tokens = tokens;
        executor = new TileExecutor(threads);
        machine = new MachinePeak(executor, PEAK_ROUNDS);
        context = new KernelContext(NpuDevice.KRACKAN, executor, simd, true, arena);
    }

    /**
     * Measures.
     *
     * @param arguments tokens of the prompt and threads
     */
    public static void main(String[] arguments) {
        int tokens = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 512;
        int threads =
                arguments.length > 1
                        ? Integer.parseInt(arguments[1])
                        : Runtime.getRuntime().availableProcessors();
        PrefillBenchmark benchmark = new PrefillBenchmark(tokens, threads);
        System.out.printf("%s, %d threads, %d tokens%n", benchmark.simd.name(), threads, tokens);
        benchmark.layer("270M", 640, 2048, 1024, 256);
        benchmark.layer("1B", 1152, 6912, 1024, 256);
        benchmark.layer("4B", 2560, 10240, 2048, 1024);
        benchmark.executor.close();
    }

    private void layer(String name, int hidden, int inner, int queries, int keys) {
        List<TiledMatmul> products = new ArrayList<>();
        List<MemorySegment> inputs = new ArrayList<>();
        long weights = 0;
        int[][] shapes = {
            {hidden, queries, keys, keys},
            {queries, hidden},
            {hidden, inner, inner},
            {inner, hidden}
        };
        int widest = Math.max(Math.max(inner, hidden), queries);
        MemorySegment packed = context.floats(TiledMatmul.packedLength(CHUNK, widest));
        MemorySegment[] sums = new MemorySegment[executor.threads()];
        Arrays.setAll(sums, thread -> context.floats(TiledMatmul.sumsLength(CHUNK)));
        for (int[] shape : shapes) {
            int columns = shape[0];
            int[] rows = Arrays.copyOfRange(shape, 1, shape.length);
            ProjectionWeights[] matrices = new ProjectionWeights[rows.length];
            MemorySegment[] outputs = new MemorySegment[rows.length];
            for (int i = 0; i < rows.length; i++) {
                matrices[i] = RandomWeights.packed(arena, random, rows[i], columns);
                outputs[i] = context.floats((long) CHUNK * rows[i]);
                weights += (long) rows[i] * columns;
            }
            MemorySegment x = context.floats((long) CHUNK * columns);
            for (long i = 0; i < (long) CHUNK * columns; i++) {
                x.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
            }
            products.add(new TiledMatmul(context, packed, sums, matrices, outputs));
            inputs.add(x);
        }
        double[] speeds = new double[ROUNDS];
        double[] peaks = new double[ROUNDS];
        double[] shares = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            double peak = machine.peak();
            double speed =
                    2.0 * weights * tokens / MachinePeak.nanoseconds(() -> run(products, inputs));
            if (round >= 0) {
                peaks[round] = peak;
                speeds[round] = speed;
                shares[round] = 100 * speed / ((peak + machine.peak()) / 2);
            }
        }
        System.out.printf(
                "%-5s %s GFLOP/s in the projections, peak %s, share %s %%%n",
                name,
                MachinePeak.spread(speeds),
                MachinePeak.spread(peaks),
                MachinePeak.spread(shares));
    }

    private void run(List<TiledMatmul> products, List<MemorySegment> inputs) {
        for (int from = 0; from < tokens; from += CHUNK) {
            for (int i = 0; i < products.size(); i++) {
                products.get(i).run(inputs.get(i), Math.min(CHUNK, tokens - from));
            }
        }
    }
}
