package io.djlnpu.timing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.RuntimeSequence;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * JSON traces against a schema of the trace event format as its authors describe it: the object
 * form, metadata events ({@code M}) that name processes and threads, complete events ({@code X})
 * with a time and a duration in microseconds. Beyond the schema: complete events of one thread nest
 * or follow each other.
 */
class PerfettoTraceTest {

    private static final Schema SCHEMA =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(
                            PerfettoTraceTest.class.getResourceAsStream(
                                    "/perfetto/trace_event.schema.json"),
                            InputFormat.JSON);

    private static void validate(String trace) {
        List<Error> errors = SCHEMA.validate(trace, InputFormat.JSON);
        require(errors.isEmpty(), errors.stream().limit(3).toList().toString());
        Map<String, Deque<double[]>> open = new HashMap<>();
        Map<String, Double> last = new HashMap<>();
        JsonObject json = JsonParser.parseString(trace).getAsJsonObject();
        for (JsonElement element : json.getAsJsonArray("traceEvents")) {
            JsonObject event = element.getAsJsonObject();
            if (event.get("ph").getAsString().equals("X")) {
                complete(event, open, last);
            }
        }
    }

    private static void complete(
            JsonObject event, Map<String, Deque<double[]>> open, Map<String, Double> last) {
        double start = event.get("ts").getAsDouble();
        double end = start + event.get("dur").getAsDouble();
        require(start >= 0 && end >= start, "time runs backwards in " + event);
        String thread = event.get("pid") + "/" + event.get("tid");
        Deque<double[]> stack = open.computeIfAbsent(thread, key -> new ArrayDeque<>());
        double slack = 1e-6;
        require(start >= last.getOrDefault(thread, 0.0) - slack, "unsorted: " + event);
        last.put(thread, start);
        while (!stack.isEmpty() && stack.peek()[1] <= start + slack) {
            stack.pop();
        }
        require(stack.isEmpty() || end <= stack.peek()[1] + slack, "overlaps: " + event);
        stack.push(new double[] {start, end});
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException(what);
        }
    }

    private static String trace() throws Exception {
        NpuDevice device = NpuDevice.KRACKAN;
        StringWriter text = new StringWriter();
        TraceEventJson.write(
                EventSimulator.play(
                                device,
                                RuntimeSequence.of(device, FusedDqp.plan(device, 1536, 1152), 2),
                                true)
                        .spans(),
                text);
        return text.toString();
    }

    @Test
    void isValidAndHasTilesChannelsAndMemoryAsTracks() throws Exception {
        String trace = trace();
        validate(trace);
        assertThat(trace)
                .contains("\"ddr\"", "\"shim 0 in\"", "\"shim 7 out\"", "\"core 7,5\"")
                .contains("\"process_name\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"ph\":\"X\"->\"ph\":\"Q\"",
                "\"dur\":->\"dur\":-",
                "\"pid\":1->\"pid\":1.5",
                "thread_name->thread_nam",
                "traceEvents->events",
                "\"ts\":->\"time\":",
                "\"sort_index\":->\"sort\":",
                "\"ph\":\"X\"->\"ph\":\"M\"",
                "displayTimeUnit\":\"ns->displayTimeUnit\":\"us"
            })
    void aBrokenTraceIsSeen(String change) throws Exception {
        List<String> parts = List.of(change.split("->"));
        String broken = trace().replace(parts.get(0), parts.get(1));
        assertThatThrownBy(() -> validate(broken)).isInstanceOf(RuntimeException.class);
    }
}
