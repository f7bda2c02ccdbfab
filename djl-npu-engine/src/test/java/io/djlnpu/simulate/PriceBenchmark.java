package io.djlnpu.simulate;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.RunReport;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a price costs: a token, a long prompt, a request, and a layer played event by event. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PriceBenchmark {

    private static final DecoderSpec FOUR = PublishedModels.GEMMA3_4B;

    private final Simulation simulation = new Simulation(FOUR, NpuDevice.KRACKAN);
    private int turn;

    /**
     * A decoded token of the 4B.
     *
     * @return its price
     */
    @Benchmark
    public RunReport token() {
        return Simulation.decode(FOUR, NpuDevice.KRACKAN, 4096 + turn++ % 100);
    }

    /**
     * A prompt of about 32k tokens for the 4B.
     *
     * @return its price
     */
    @Benchmark
    public RunReport longPrompt() {
        return Simulation.prefill(FOUR, NpuDevice.KRACKAN, 32768 - turn++ % 100);
    }

    /**
     * A request to the 4B, as after every answer.
     *
     * @return its price
     */
    @Benchmark
    public RunReport request() {
        return simulation.price(RequestShape.of(500 + turn++ % 100, 200));
    }

    /**
     * A layer of the 1B, event by event.
     *
     * @return what happened
     */
    @Benchmark
    public Playback events() {
        return Playback.of(
                PublishedModels.GEMMA3_1B, NpuDevice.KRACKAN, Simulation.Phase.DECODE, 1024);
    }
}
