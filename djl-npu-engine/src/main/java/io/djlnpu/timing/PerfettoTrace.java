package io.djlnpu.timing;

import com.google.gson.stream.JsonWriter;
import io.djlnpu.timing.EventSimulator.Span;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes spans in the trace event format that the Perfetto UI opens: one thread a track, complete
 * events ({@code ph} X), times in microseconds, in the order in which they begin.
 */
public final class PerfettoTrace {

    private PerfettoTrace() {}

    /**
     * Writes a trace.
     *
     * @param spans busy stretches
     * @param file where to; replaced if it exists
     * @throws IOException if it cannot be written
     */
    public static void write(List<Span> spans, Path file) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file)) {
            write(spans, writer);
        }
    }

    /**
     * Writes a trace.
     *
     * @param spans busy stretches
     * @param target receives the JSON
     * @throws IOException if it cannot be written
     */
    public static void write(List<Span> spans, Writer target) throws IOException {
        Map<String, Integer> tracks = new LinkedHashMap<>();
        spans.stream()
                .map(Span::track)
                .sorted()
                .forEach(track -> tracks.putIfAbsent(track, tracks.size() + 1));
        JsonWriter json = new JsonWriter(target);
        json.beginObject().name("displayTimeUnit").value("ns").name("traceEvents").beginArray();
        json.beginObject().name("ph").value("M").name("name").value("process_name");
        json.name("pid").value(1).name("tid").value(0);
        json.name("args").beginObject().name("name").value("NPU").endObject().endObject();
        for (Map.Entry<String, Integer> track : tracks.entrySet()) {
            json.beginObject().name("ph").value("M").name("name").value("thread_name");
            json.name("pid").value(1).name("tid").value(track.getValue());
            json.name("args").beginObject().name("name").value(track.getKey()).endObject();
            json.endObject();
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
}
