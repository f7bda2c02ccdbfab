package io.djlnpu.timing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.kernel.AttentionSpan;
import io.djlnpu.kernel.DequantEngine;
import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.kernel.TiledMatmul;
import io.djlnpu.tile.ComputeTile;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.ObjectFifo;
import io.djlnpu.tile.Pipeline;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.tile.Worker;
import io.djlnpu.timing.EventSimulator.Outcome;
import io.djlnpu.timing.EventSimulator.Span;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventSimulatorTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;

    private static List<DataflowPlan> plans() {
        return List.of(
                FusedDqp.plan(DEVICE, 1536, 1152),
                FusedDqp.plan(DEVICE, 1152, 1024),
                FusedDqp.plan(DEVICE, 13824, 1152),
                FusedDqp.plan(DEVICE, 1152, 6912),
                FusedDqp.plan(DEVICE, 20480, 2560),
                FlowKv.plan(DEVICE, 4096, 8, 4, 256),
                FlowKv.plan(DEVICE, 4096, 4, 1, 256),
                FlowQkv.plan(DEVICE, AttentionSpan.causal(512, 0), 8, 4, 256),
                DequantEngine.plan(DEVICE, 20480, 2560),
                TiledMatmul.plan(DEVICE, 1024, 2560, 2560));
    }

    @Test
    void agreesWithTheAnalyticModelOnTheKernels() {
        for (DataflowPlan plan : plans()) {
            RuntimeSequence sequence = RuntimeSequence.of(DEVICE, plan, ObjectFifo.PING_PONG);
            double played = EventSimulator.play(DEVICE, sequence, false).seconds();
            double analytic = Pipeline.of(DEVICE, sequence).seconds();
            assertThat(analytic / played).as(plan.kernel()).isBetween(0.97, 1.03);
        }
    }

    @Test
    void agreesWithTheAnalyticModelOnRandomDoubleBufferedPipelines() {
        Random random = new Random(6);
        for (int round = 0; round < 200; round++) {
            int columns = 1 + random.nextInt(8);
            int rows = 1 + random.nextInt(4);
            RuntimeSequence sequence =
                    uniform(
                            columns,
                            rows,
                            1 + random.nextInt(round < 100 ? 12 : 300),
                            1000 + random.nextInt(9000),
                            random.nextInt(3) * 500,
                            1L << random.nextInt(20),
                            ObjectFifo.PING_PONG);
            double played = EventSimulator.play(DEVICE, sequence, false).seconds();
            double analytic = Pipeline.of(DEVICE, sequence).seconds();
            assertThat(analytic / played).as(sequence.toString()).isBetween(0.97, 1.03);
        }
    }

    @Test
    void oneSlotStallsWhereTwoOverlap() {
        // one step takes about as long as its transfer: without a second slot they alternate
        double tileMacsPerSecond = DEVICE.macsPerSecond() / DEVICE.computeTiles();
        long macs = (long) (5120 / DEVICE.stream().value() * tileMacsPerSecond);
        Outcome two = EventSimulator.play(DEVICE, uniform(1, 1, 500, 5120, 0, macs, 2), false);
        Outcome one = EventSimulator.play(DEVICE, uniform(1, 1, 500, 5120, 0, macs, 1), false);
        assertThat(one.seconds() / two.seconds()).isBetween(1.9, 2.1);
        assertThat(one.inputStallSeconds()).isGreaterThan(10 * two.inputStallSeconds());
    }

    @Test
    void accountsForBytesAndTime() {
        for (DataflowPlan plan : plans()) {
            RuntimeSequence sequence = RuntimeSequence.of(DEVICE, plan, ObjectFifo.PING_PONG);
            Outcome outcome = EventSimulator.play(DEVICE, sequence, true);
            assertThat(outcome.bytes())
                    .isEqualTo(sequence.readBytes() + sequence.writtenBytes())
                    .isBetween(
                            plan.ddrReadBytes() + plan.ddrWriteBytes(),
                            (long) (1.01 * (plan.ddrReadBytes() + plan.ddrWriteBytes()))
                                    + 100L * DEVICE.computeTiles());
            assertThat(sequence.macs()).isGreaterThanOrEqualTo(plan.macs());
            assertThat(outcome.busySeconds())
                    .isLessThanOrEqualTo(outcome.seconds() * sequence.workers().size());
            assertThat(outcome.bytes())
                    .isLessThanOrEqualTo((long) (outcome.seconds() * DEVICE.ddr().value() + 1));
            assertNoTrackIsBusyTwice(outcome.spans());
        }
    }

    @Test
    void aLongSequenceKeepsTheSpansOfItsEnds() {
        RuntimeSequence sequence =
                RuntimeSequence.of(DEVICE, TiledMatmul.plan(DEVICE, 1024, 2560, 2560), 2);
        Outcome outcome = EventSimulator.play(DEVICE, sequence, true);
        assertThat(sequence.objects()).isGreaterThan(10_000);
        assertThat(outcome.spans()).hasSizeLessThan(50 * 257);
        assertNoTrackIsBusyTwice(outcome.spans());
        double last =
                outcome.spans().stream()
                        .mapToDouble(s -> s.startSeconds() + s.seconds())
                        .max()
                        .orElseThrow();
        assertThat(last).isEqualTo(outcome.seconds());
        long steps = sequence.workers().getFirst().steps();
        assertThat(outcome.spans())
                .filteredOn(span -> span.track().equals("core 0,2"))
                .hasSize(257)
                .extracting(Span::name)
                .contains("step 0", "step 127", "step " + (steps - 128), "step " + (steps - 1))
                .doesNotContain("step 128")
                .anySatisfy(name -> assertThat(name).startsWith(steps - 256 + " more, busy "));
    }

    @Test
    void aSequenceTooLongToPlayIsRefused() {
        RuntimeSequence sequence = uniform(8, 4, 1 << 21, 100, 0, 1, 2);
        assertThatThrownBy(() -> EventSimulator.play(DEVICE, sequence, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("67108864 objects");
    }

    private static void assertNoTrackIsBusyTwice(List<Span> spans) {
        Map<String, Double> ends = new HashMap<>();
        for (Span span : spans) {
            assertThat(span.startSeconds())
                    .as(span.track())
                    .isGreaterThanOrEqualTo(ends.getOrDefault(span.track(), 0.0) - 1e-12);
            ends.put(span.track(), span.startSeconds() + span.seconds());
        }
    }

    @Test
    void theTraceHasEverySpanOnANamedTrack() throws Exception {
        Outcome outcome =
                EventSimulator.play(
                        DEVICE,
                        RuntimeSequence.of(DEVICE, FusedDqp.plan(DEVICE, 1536, 1152), 2),
                        true);
        StringWriter text = new StringWriter();
        TraceEventJson.write(outcome.spans(), text);
        Map<Integer, String> names = new HashMap<>();
        List<JsonObject> complete = new ArrayList<>();
        JsonObject json = JsonParser.parseString(text.toString()).getAsJsonObject();
        for (JsonElement element : json.getAsJsonArray("traceEvents")) {
            JsonObject event = element.getAsJsonObject();
            if (event.get("ph").getAsString().equals("X")) {
                complete.add(event);
            } else if (event.get("name").getAsString().equals("thread_name")) {
                names.put(
                        event.get("tid").getAsInt(),
                        event.getAsJsonObject("args").get("name").getAsString());
            }
        }
        List<Span> spans = new ArrayList<>(outcome.spans());
        spans.sort(Comparator.comparingDouble(Span::startSeconds));
        assertThat(complete).hasSameSizeAs(spans);
        assertThat(names.values()).contains("ddr", "shim 0 in", "core 0,2");
        for (int i = 0; i < complete.size(); i++) {
            JsonObject event = complete.get(i);
            Span span = spans.get(i);
            assertThat(names.get(event.get("tid").getAsInt())).isEqualTo(span.track());
            assertThat(event.get("ts").getAsDouble()).isEqualTo(span.startSeconds() * 1e6);
            assertThat(event.get("dur").getAsDouble()).isEqualTo(span.seconds() * 1e6);
        }
    }

    private static RuntimeSequence uniform(
            int columns, int rows, int steps, long in, long out, long macs, int depth) {
        List<Worker> workers = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                workers.add(
                        new Worker(
                                new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW + row),
                                new ObjectFifo("in", depth, in),
                                new ObjectFifo("out", depth, out),
                                steps,
                                in,
                                out,
                                macs,
                                macs / DEVICE.core().macsPerCycle().value()));
            }
        }
        return new RuntimeSequence("uniform", workers);
    }
}
