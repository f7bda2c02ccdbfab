package io.djlnpu.timing;

import io.djlnpu.timing.EventSimulator.Span;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes spans for the Perfetto UI: Perfetto's own protobuf packets ({@link TrackEventPackets}), or
 * trace events in JSON ({@link TraceEventJson}) where the file's name ends in {@code .json}.
 */
public final class PerfettoTrace {

    /** What stands above what, where a part of the run is above all. */
    private static final List<String> KINDS = List.of("ddr", "shim", "core");

    private PerfettoTrace() {}

    /**
     * Writes a trace.
     *
     * @param spans busy stretches; those of one track do not overlap
     * @param file where to; replaced if it exists
     * @throws IOException if it cannot be written
     */
    public static void write(List<Span> spans, Path file) throws IOException {
        if (file.toString().endsWith(".json")) {
            try (Writer writer = Files.newBufferedWriter(file)) {
                TraceEventJson.write(spans, writer);
            }
        } else {
            try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
                TrackEventPackets.write(spans, stream);
            }
        }
    }

    /** Numbers the tracks from 1 in the order in which they are shown. */
    static Map<String, Integer> tracks(List<Span> spans) {
        Map<String, Integer> tracks = new LinkedHashMap<>();
        spans.stream()
                .map(Span::track)
                .distinct()
                .sorted(
                        Comparator.comparingInt(
                                        (String track) -> KINDS.indexOf(track.split(" ")[0]))
                                // of names of one kind, those with more digits have higher numbers
                                .thenComparingInt(String::length)
                                .thenComparing(Comparator.naturalOrder()))
                .forEach(track -> tracks.put(track, tracks.size() + 1));
        return tracks;
    }
}
