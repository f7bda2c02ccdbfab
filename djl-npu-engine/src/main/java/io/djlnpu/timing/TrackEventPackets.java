package io.djlnpu.timing;

import io.djlnpu.timing.EventSimulator.Span;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Spans as Perfetto's {@code Trace} message: a descriptor for the NPU and one for each of its
 * tracks, then a begin and an end for each span, in the order of time in nanoseconds.
 *
 * <p><b>Source</b>: protos/perfetto/trace/{trace,trace_packet}.proto and track_event/{track_event,
 * track_descriptor}.proto of google/perfetto.
 */
final class TrackEventPackets {

    /** Trace. */
    private static final int PACKET = 1;

    /** TracePacket. */
    private static final int TIMESTAMP = 8;

    private static final int SEQUENCE = 10;
    private static final int TRACK_EVENT = 11;
    private static final int SEQUENCE_FLAGS = 13;
    private static final int TRACK_DESCRIPTOR = 60;
    private static final int INCREMENTAL_STATE_CLEARED = 1;

    /** TrackDescriptor. */
    private static final int UUID = 1;

    private static final int NAME = 2;
    private static final int PARENT = 5;
    private static final int CHILD_ORDERING = 11;
    private static final int ORDER = 12;
    private static final int EXPLICIT = 3;

    /** TrackEvent. */
    private static final int TYPE = 9;

    private static final int TRACK = 11;
    private static final int EVENT_NAME = 23;
    private static final int BEGIN = 1;
    private static final int END = 2;

    private static final long NPU = 1;

    private record Event(long nanos, long track, String name) {}

    private TrackEventPackets() {}

    static void write(List<Span> spans, OutputStream target) throws IOException {
        Map<String, Integer> tracks = PerfettoTrace.tracks(spans);
        ProtoMessage npu =
                new ProtoMessage()
                        .number(UUID, NPU)
                        .text(NAME, "NPU")
                        .number(CHILD_ORDERING, EXPLICIT);
        packet(target, new ProtoMessage().number(SEQUENCE_FLAGS, INCREMENTAL_STATE_CLEARED), npu);
        for (Map.Entry<String, Integer> track : tracks.entrySet()) {
            ProtoMessage descriptor =
                    new ProtoMessage()
                            .number(UUID, NPU + track.getValue())
                            .number(PARENT, NPU)
                            .text(NAME, track.getKey())
                            .number(ORDER, track.getValue());
            packet(target, new ProtoMessage(), descriptor);
        }
        for (Event event : events(spans, tracks)) {
            ProtoMessage message =
                    new ProtoMessage().number(TYPE, event.name == null ? END : BEGIN);
            message.number(TRACK, event.track);
            if (event.name != null) {
                message.text(EVENT_NAME, event.name);
            }
            new ProtoMessage()
                    .number(TIMESTAMP, event.nanos)
                    .number(SEQUENCE, 1)
                    .message(TRACK_EVENT, message)
                    .writeTo(target, PACKET);
        }
    }

    private static void packet(OutputStream target, ProtoMessage packet, ProtoMessage descriptor)
            throws IOException {
        packet.number(SEQUENCE, 1).message(TRACK_DESCRIPTOR, descriptor).writeTo(target, PACKET);
    }

    /** Spans of a track follow each other, so that a stable sort keeps each end after its begin. */
    private static List<Event> events(List<Span> spans, Map<String, Integer> tracks) {
        List<Event> events = new ArrayList<>(2 * spans.size());
        for (Span span : spans) {
            long track = NPU + tracks.get(span.track());
            long begin = Math.round(span.startSeconds() * 1e9);
            long end = Math.round((span.startSeconds() + span.seconds()) * 1e9);
            events.add(new Event(begin, track, span.name()));
            events.add(new Event(end, track, null));
        }
        events.sort(Comparator.comparingLong(Event::nanos));
        return events;
    }
}
