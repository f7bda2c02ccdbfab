package io.djlnpu.timing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.RuntimeSequence;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Traces against the trace event format as its authors describe it: the JSON object form, metadata
 * events ({@code M}) that name processes and threads, complete events ({@code X}) with a time and a
 * duration in microseconds, and complete events of one thread that nest or follow each other.
 */
class PerfettoTraceTest {

    /** Names that metadata events may have, and what their arguments must hold. */
    private static final Map<String, String> METADATA =
            Map.of(
                    "process_name", "name",
                    "process_labels", "labels",
                    "process_sort_index", "sort_index",
                    "thread_name", "name",
                    "thread_sort_index", "sort_index");

    private static final Set<String> COMMON =
            Set.of("ph", "name", "cat", "pid", "tid", "ts", "dur", "args", "cname", "id", "tts");

    private static void validate(String trace) {
        JsonObject json = JsonParser.parseString(trace).getAsJsonObject();
        require(json.has("traceEvents"), "no traceEvents");
        if (json.has("displayTimeUnit")) {
            require(
                    Set.of("ms", "ns").contains(json.get("displayTimeUnit").getAsString()),
                    "displayTimeUnit is neither ms nor ns");
        }
        Map<String, Deque<double[]>> open = new HashMap<>();
        Map<String, Double> last = new HashMap<>();
        for (JsonElement element : json.getAsJsonArray("traceEvents")) {
            JsonObject event = element.getAsJsonObject();
            require(COMMON.containsAll(event.keySet()), "unknown key in " + event);
            integer(event, "pid");
            integer(event, "tid");
            text(event, "name");
            switch (text(event, "ph")) {
                case "M" -> metadata(event);
                case "X" -> complete(event, open, last);
                default -> throw new IllegalArgumentException("phase of " + event);
            }
        }
    }

    private static void metadata(JsonObject event) {
        String argument = METADATA.get(text(event, "name"));
        require(argument != null, "unknown metadata in " + event);
        require(event.getAsJsonObject("args").has(argument), "no " + argument + " in " + event);
    }

    private static void complete(
            JsonObject event, Map<String, Deque<double[]>> open, Map<String, Double> last) {
        double start = number(event, "ts");
        double end = start + number(event, "dur");
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

    private static String text(JsonObject event, String key) {
        require(
                event.has(key) && event.getAsJsonPrimitive(key).isString(),
                "no text '" + key + "' in " + event);
        return event.get(key).getAsString();
    }

    private static double number(JsonObject event, String key) {
        require(
                event.has(key) && event.getAsJsonPrimitive(key).isNumber(),
                "no number '" + key + "' in " + event);
        double value = event.get(key).getAsDouble();
        require(Double.isFinite(value), key + " is not finite in " + event);
        return value;
    }

    private static void integer(JsonObject event, String key) {
        require(number(event, key) == Math.rint(number(event, key)), "no integer: " + event);
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException(what);
        }
    }

    private static String trace() throws Exception {
        NpuDevice device = NpuDevice.KRACKAN;
        StringWriter text = new StringWriter();
        PerfettoTrace.write(
                EventSimulator.play(
                                device,
                                RuntimeSequence.of(FusedDqp.plan(device, 1536, 1152), 2),
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
                "\"ts\":->\"time\":"
            })
    void aBrokenTraceIsSeen(String change) throws Exception {
        List<String> parts = List.of(change.split("->"));
        String broken = trace().replace(parts.get(0), parts.get(1));
        assertThatThrownBy(() -> validate(broken)).isInstanceOf(RuntimeException.class);
    }
}
