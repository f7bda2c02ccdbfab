package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/**
 * Attention of one layer, decoded and over a prompt's chunk, beside the peak of fused multiply-adds
 * that the same threads reach in registers, in turns.
 *
 * <pre>dev/bench djl-npu-engine --main io.djlnpu.kernel.AttentionBenchmark [THREADS]</pre>
 */
public final class AttentionBenchmark {

    private static final int ROUNDS = 15;
    private static final long WARM_UP_NANOSECONDS = 2_000_000_000L;
    private static final int PEAK_ROUNDS = 200_000;
    private static final int CHUNK = 256;
    private static final int HEAD_DIM = 256;

    private final Arena arena = Arena.ofShared();
    private final Random random = new Random(1);
    private final TileExecutor executor;
    private final KernelContext context;
    private final MachinePeak machine;

    private AttentionBenchmark(int threads) {
        executor = new TileExecutor(threads);
        machine = new MachinePeak(executor, PEAK_ROUNDS);
        context = new KernelContext(NpuDevice.KRACKAN, executor, SimdProvider.best(), true, arena);
    }

    private record Cache(MemorySegment keys, MemorySegment values, int capacity, boolean bf16)
            implements KeyValues {}

    private record Chunk(int past, int window) implements VisibleKeys {

        @Override
        public int first(int token) {
            return Math.max(0, past + token + 1 - window);
        }

        @Override
        public int end(int token) {
            return past + token + 1;
        }
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
        AttentionBenchmark benchmark = new AttentionBenchmark(threads);
        System.out.printf("%s, %d threads%n", SimdProvider.best().name(), threads);
        for (int[] heads : new int[][] {{4, 1}, {8, 4}}) {
            for (int keys : new int[] {128, 512, 8192}) {
                benchmark.measure(heads[0], heads[1], keys);
            }
        }
        benchmark.executor.close();
    }

    private void measure(int heads, int kvHeads, int keys) {
        FlowKv flowKv = new FlowKv(context, heads, kvHeads, HEAD_DIM);
        FlowQkv flowQkv = new FlowQkv(context, heads, kvHeads, HEAD_DIM);
        long elements = (long) kvHeads * keys * HEAD_DIM;
        Cache cache = new Cache(bf16(elements), bf16(elements), keys, true);
        long width = (long) heads * HEAD_DIM;
        MemorySegment queries = context.floats(CHUNK * width);
        for (long i = 0; i < CHUNK * width; i++) {
            queries.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian() / 16);
        }
        MemorySegment output = context.floats(CHUNK * width);
        report(
                "decode, %d over %d heads, %d keys".formatted(heads, kvHeads, keys),
                4.0 * width * keys,
                () -> flowKv.run(queries, cache, 0, keys, output));
        int tokens = Math.min(keys / 2, CHUNK);
        AttentionSpan span = AttentionSpan.windowed(tokens, keys - tokens, keys);
        report(
                "prompt, %d over %d heads, %d tokens after %d"
                        .formatted(heads, kvHeads, tokens, keys - tokens),
                4.0 * width * span.scores(),
                () -> flowQkv.run(queries, tokens, cache, new Chunk(keys - tokens, keys), output));
    }

    private void report(String name, double operations, Runnable work) {
        int repetitions = (int) Math.max(1, 2e8 / operations);
        double[] times = new double[ROUNDS];
        double[] speeds = new double[ROUNDS];
        double[] shares = new double[ROUNDS];
        long start = System.nanoTime();
        while (System.nanoTime() - start < WARM_UP_NANOSECONDS) {
            work.run();
            machine.peak();
        }
        for (int round = 0; round < ROUNDS; round++) {
            double peak = machine.peak();
            double time =
                    MachinePeak.nanoseconds(
                                    () -> {
                                        for (int i = 0; i < repetitions; i++) {
                                            work.run();
                                        }
                                    })
                            / repetitions;
            times[round] = time / 1e3;
            speeds[round] = operations / time;
            shares[round] = 100 * speeds[round] / ((peak + machine.peak()) / 2);
        }
        System.out.printf(
                "%-50s %s us, %s GFLOP/s, %s %% of the peak%n",
                name,
                MachinePeak.spread(times),
                MachinePeak.spread(speeds),
                MachinePeak.spread(shares));
    }

    private MemorySegment bf16(long elements) {
        MemorySegment target = arena.allocate(2 * elements, 64);
        for (long i = 0; i < elements; i++) {
            target.set(Bfloat16.LAYOUT, 2 * i, Bfloat16.fromFloat((float) random.nextGaussian()));
        }
        return target;
    }
}
