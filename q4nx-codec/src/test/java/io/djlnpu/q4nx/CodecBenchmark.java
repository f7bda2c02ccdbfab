package io.djlnpu.q4nx;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
 * One strip of 32 x 2560 float32 weights, 327,680 bytes: MB/s = 0.32768 * operations a millisecond
 * * 1000.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {

    private static final int COLUMNS = 2560;

    private final float[] weights = new float[32 * COLUMNS];
    private final float[] decoded = new float[weights.length];
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
        minmax.encode(weights, COLUMNS, blocks);
        tensor = new Q4nxTensor("strip", 32, COLUMNS, MemorySegment.ofArray(blocks.clone()));
    }

    /** Decodes to float32. */
    @Benchmark
    public float[] decode() {
        Q4nxDecoder.decodeRows(tensor, 0, 32, decoded);
        return decoded;
    }

    /** Encodes as the converter does. */
    @Benchmark
    public byte[] minmax() {
        minmax.encode(weights, COLUMNS, blocks);
        return blocks;
    }

    /** Encodes with the search. */
    @Benchmark
    public byte[] search() {
        search.encode(weights, COLUMNS, blocks);
        return blocks;
    }
}
