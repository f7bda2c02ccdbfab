package io.djlnpu.q4nx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One strip of 32 x 2560 float32 weights, 327,680 bytes, on one core. MB/s of float32 are shown as
 * the secondary result {@code megabytes}, for bf16 too.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {

    private static final int COLUMNS = 2560;

    private final float[] weights = new float[32 * COLUMNS];
    private final float[] decoded = new float[weights.length];
    private final float[] importance = new float[COLUMNS];
    private final MemorySegment segment = Arena.ofAuto().allocate(4L * weights.length);
    private final byte[] blocks = new byte[(int) Q4nxFormat.byteLength(32, COLUMNS)];
    private final Q4nxEncoder minmax = new Q4nxEncoder(Encoding.MINMAX);
    private final Q4nxEncoder search = new Q4nxEncoder(Encoding.SEARCH);
    private Q4nxTensor tensor;

    /** Fills the strip with normal noise, as trained weights mostly look. */
    @Setup
    public void fill() {
        Random random = new Random(1);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian() * 0.02f;
        }
        for (int i = 0; i < COLUMNS; i++) {
            importance[i] = (float) Math.exp(random.nextGaussian());
        }
        minmax.encode(weights, COLUMNS, blocks);
        tensor = new Q4nxTensor("strip", 32, COLUMNS, MemorySegment.ofArray(blocks.clone()));
    }

    /** Counts what was worked on. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Traffic {

        /** MB of float32 weights; divided by JMH by the time. */
        public double megabytes;

        private void strip() {
            megabytes += 32 * COLUMNS * 4 / 1e6;
        }
    }

    /** Decodes to float32. */
    @Benchmark
    public float[] decode(Traffic traffic) {
        Q4nxDecoder.decodeRows(tensor, 0, 32, decoded);
        traffic.strip();
        return decoded;
    }

    /** Decodes to float32 in native memory. */
    @Benchmark
    public MemorySegment decodeToSegment(Traffic traffic) {
        Q4nxDecoder.decode(tensor, segment);
        traffic.strip();
        return segment;
    }

    /** Decodes to bf16 in native memory. */
    @Benchmark
    public MemorySegment decodeToBfloat16(Traffic traffic) {
        Q4nxDecoder.decodeToBfloat16(tensor, segment);
        traffic.strip();
        return segment;
    }

    /** Encodes as the converter does. */
    @Benchmark
    public byte[] minmax(Traffic traffic) {
        minmax.encode(weights, COLUMNS, blocks);
        traffic.strip();
        return blocks;
    }

    /** Encodes with the search. */
    @Benchmark
    public byte[] search(Traffic traffic) {
        search.encode(weights, COLUMNS, blocks);
        traffic.strip();
        return blocks;
    }

    /** Encodes with the search, columns counting differently. */
    @Benchmark
    public byte[] searchWithImportance(Traffic traffic) {
        search.encode(weights, COLUMNS, importance, blocks);
        traffic.strip();
        return blocks;
    }
}
