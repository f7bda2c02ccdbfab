package io.djlnpu.timing;

import com.google.gson.stream.JsonWriter;
import io.djlnpu.timing.EventSimulator.Span;
import java.io.IOException;
import java.io.Writer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Spans in the trace event format: one thread a track, complete events ({@code ph} X), times in
 * microseconds, in the order in which they begin. <b>Source</b>: "Trace Event Format", Chromium.
 */
final class TraceEventJson {

    private TraceEventJson() {}

    static void write(List<Span> spans, Writer target) throws IOException {
        Map<String, Integer> tracks = PerfettoTrace.tracks(spans);
        JsonWriter json = new JsonWriter(target);
        json.beginObject().name("displayTimeUnit").value("ns").name("traceEvents").beginArray();
        json.beginObject().name("ph").value("M").name("name").value("process_name");
        json.name("pid").value(1).name("tid").value(0);
        json.name("args").beginObject().name("name").value("NPU").endObject().endObject();
        for (Map.Entry<String, Integer> track : tracks.entrySet()) {
            metadata(json, track.getValue(), "thread_name");
            json.name("name").value(track.getKey()).endObject().endObject();
            metadata(json, track.getValue(), "thread_sort_index");
            json.name("sort_index").value(track.getValue()).endObject().endObject();
        }
        List<Span> sorted =
                spans.stream().sorted(Comparator.comparingDouble(Span::startSeconds)).toList();
        for (Span span : sorted) {
            json.beginObject().name("ph").value("X").name("name").value(span.name());
            json.name("pid").value(1).name("tid").value(tracks.get(span.track()));
            json.name("ts").value(span.startSeconds() * 1e6);
            json.name("dur").value(span.seconds() * 1e6).endObject();
        }
        json.endArray().endObject();
        json.flush();
    }

    private static void metadata(JsonWriter json, int thread, String name) throws IOException {
        json.beginObject().name("ph").value("M").name("name").value(name);
        json.name("pid").value(1).name("tid").value(thread);
        json.name("args").beginObject();
    }
}
