package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.q4nx.Q4nxFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The inner loops, data in cache, one thread. Run with {@code -prof gc}: a kernel that allocates is
 * one whose vectors C2 has boxed.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class SimdBenchmark {

    private static final int ROW_BLOCKS = 20;
    private static final int COLUMN_BLOCKS = 3;

    /** Which provider runs. */
    @Param({"best", "scalar"})
    public String provider;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment x = arena.allocate(4 * 8192, 64);
    private final MemorySegment y = arena.allocate(4 * 8192, 64);
    private final MemorySegment prepared = arena.allocate(4 * 8192, 64);
    private final MemorySegment scratch = arena.allocate(4 * 8192, 64);
    private final MemorySegment panel = arena.allocate(4 * 8192, 64);
    private final MemorySegment blocks =
            arena.allocate((long) ROW_BLOCKS * COLUMN_BLOCKS * Q4nxFormat.BLOCK_BYTES, 64);
    private final MemorySegment units =
            arena.allocate(blocks.byteSize() + PackedUnits.SLACK_BYTES, 64);
    private final MemorySegment keys = arena.allocate(4 * 64 * 64, 64);
    private final MemorySegment tile = arena.allocate(4 * 256 * Panels.MAX_TOKENS, 64);
    private final MemorySegment sums = arena.allocate(4 * 32 * Panels.MAX_TOKENS, 64);
    private SimdProvider simd;

    /** Fills the operands. */
    @Setup
    public void fill() {
        simd = provider.equals("best") ? SimdProvider.best() : SimdProvider.scalar();
        Random random = new Random(1);
        RandomBlocks.fill(blocks, random);
        for (int i = 0; i < 8192; i++) {
            x.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        simd.matrixVector().prepare(x, 0, 768, 768, prepared);
        for (int b = 0; b < ROW_BLOCKS * COLUMN_BLOCKS; b++) {
            long block = (long) b * Q4nxFormat.BLOCK_BYTES;
            PackedUnits.pack(blocks, block, 8, units, block);
        }
        simd.panels().dequantize(units, 0, 8, panel, true);
    }

    /** 640 x 768 weights, 307,200 bytes. */
    @Benchmark
    public void matrixVector() {
        simd.matrixVector().multiply(blocks, 0, ROW_BLOCKS, COLUMN_BLOCKS, prepared, y, 0, scratch);
    }

    /** The same from packed weights. */
    @Benchmark
    public void matrixVectorPacked() {
        simd.matrixVector()
                .multiplyPacked(
                        units, 0, ROW_BLOCKS, 8 * COLUMN_BLOCKS, 768, prepared, y, 0, scratch);
    }

    /** 5,120 bytes. */
    @Benchmark
    public void pack() {
        PackedUnits.pack(blocks, 0, 8, units, 0);
    }

    /** 8,192 weights. */
    @Benchmark
    public void dequantize() {
        simd.panels().dequantize(units, 0, 8, panel, true);
    }

    /** 16,384 floating point operations a token: 131,072 with 16 lanes, 81,920 with fewer. */
    @Benchmark
    public void multiplyAdd() {
        simd.panels().multiplyAdd(panel, 256, tile, 0, 0, simd.panels().tokens(), sums);
    }

    /** Four queries, 64 rows of keys or values: 32,768 floating point operations. */
    @Benchmark
    public void attentionMultiply() {
        simd.attention().multiply(keys, 0, 64, 0, 64, x, 0, y, 0, false);
    }

    /** 4,096 bf16. */
    @Benchmark
    public void attentionWiden() {
        simd.attention().widen(keys, 0, 64, panel);
    }

    /** One query, 64 scores. */
    @Benchmark
    public void attentionWeigh() {
        simd.attention().weigh(scratch, 0, 0, 0, 64);
    }

    /** 2,048 gates. */
    @Benchmark
    public void gegluMul() {
        simd.elementwise().gateMul(y, 0, x, 0, 2048, GateActivation.GELU_TANH, true);
    }
}
