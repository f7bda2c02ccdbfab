package io.djlnpu.timing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.timing.EventSimulator.Span;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Traces against Perfetto's own descriptor (its origin stands beside the resource): every byte
 * belongs to a field that Perfetto knows, every event to a track that was described before, and the
 * begins and ends of a track pair up in time.
 */
class TrackEventPacketsTest {

    private static Descriptor trace() throws Exception {
        try (InputStream in =
                TrackEventPacketsTest.class.getResourceAsStream("/perfetto/track_event.desc")) {
            return FileDescriptor.buildFrom(
                            FileDescriptorSet.parseFrom(in).getFile(0), new FileDescriptor[0])
                    .findMessageTypeByName("Trace");
        }
    }

    private static Object get(DynamicMessage message, String field) {
        return message.getField(message.getDescriptorForType().findFieldByName(field));
    }

    private static boolean has(DynamicMessage message, String field) {
        return message.hasField(message.getDescriptorForType().findFieldByName(field));
    }

    private static void requireKnown(DynamicMessage message) {
        require(message.getUnknownFields().asMap().isEmpty(), "unknown field in " + message);
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            if (field.getKey().getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                List<?> values =
                        field.getKey().isRepeated()
                                ? (List<?>) field.getValue()
                                : List.of(field.getValue());
                values.forEach(value -> requireKnown((DynamicMessage) value));
            }
        }
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
    }

    /** One sequence's packets, read back. */
    private static final class Reader {

        private final Map<Long, String> tracks = new HashMap<>();
        private final Map<Long, String> open = new HashMap<>();
        private final Map<Long, Long> since = new HashMap<>();
        private final List<String> slices = new ArrayList<>();
        private long now;

        void read(byte[] bytes) throws Exception {
            DynamicMessage trace = DynamicMessage.parseFrom(trace(), bytes);
            requireKnown(trace);
            List<?> packets = (List<?>) get(trace, "packet");
            require(!packets.isEmpty(), "no packet");
            require(
                    ((Integer) get((DynamicMessage) packets.getFirst(), "sequence_flags") & 1) == 1,
                    "the first packet does not start the sequence's state");
            packets.forEach(packet -> packet((DynamicMessage) packet));
            require(open.isEmpty(), "never ended: " + open);
        }

        private void packet(DynamicMessage packet) {
            require((Integer) get(packet, "trusted_packet_sequence_id") > 0, "no sequence");
            require(
                    has(packet, "track_event") != has(packet, "track_descriptor"),
                    "neither event nor descriptor: " + packet);
            if (has(packet, "track_descriptor")) {
                describe((DynamicMessage) get(packet, "track_descriptor"));
            } else {
                require(has(packet, "timestamp"), "no time: " + packet);
                long time = (Long) get(packet, "timestamp");
                require(time >= now, "time runs backwards: " + packet);
                now = time;
                event((DynamicMessage) get(packet, "track_event"));
            }
        }

        private void describe(DynamicMessage track) {
            long uuid = (Long) get(track, "uuid");
            require(uuid != 0 && !tracks.containsKey(uuid), "track of no or a known id: " + track);
            require(tracks.isEmpty() != has(track, "parent_uuid"), "not one root: " + track);
            require(
                    tracks.isEmpty() || tracks.containsKey((Long) get(track, "parent_uuid")),
                    "no such parent: " + track);
            require(has(track, "name"), "no name: " + track);
            tracks.put(uuid, (String) get(track, "name"));
        }

        private void event(DynamicMessage event) {
            long track = (Long) get(event, "track_uuid");
            require(tracks.containsKey(track), "no such track: " + event);
            switch (((EnumValueDescriptor) get(event, "type")).getName()) {
                case "TYPE_SLICE_BEGIN" -> {
                    require(has(event, "name"), "no name: " + event);
                    require(!open.containsKey(track), "still busy: " + event);
                    open.put(track, (String) get(event, "name"));
                    since.put(track, now);
                }
                case "TYPE_SLICE_END" -> {
                    require(open.containsKey(track), "never begun: " + event);
                    long nanos = now - since.remove(track);
                    slices.add(tracks.get(track) + ": " + open.remove(track) + ", " + nanos);
                }
                default -> throw new IllegalStateException("type of " + event);
            }
        }
    }

    private static List<Span> played() {
        NpuDevice device = NpuDevice.KRACKAN;
        return EventSimulator.play(
                        device,
                        RuntimeSequence.of(device, FusedDqp.plan(device, 1536, 1152), 2),
                        true)
                .spans();
    }

    private static byte[] packets(List<Span> spans) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TrackEventPackets.write(spans, bytes);
        return bytes.toByteArray();
    }

    @Test
    void perfettosOwnDescriptorKnowsEveryField() throws Exception {
        List<Span> spans = played();
        Reader reader = new Reader();
        reader.read(packets(spans));
        assertThat(reader.slices).hasSameSizeAs(spans);
        assertThat(reader.tracks.values())
                .contains("NPU", "ddr", "shim 0 in", "shim 7 out", "core 0,2", "core 7,5")
                .doesNotHaveDuplicates();
    }

    @Test
    void everySpanKeepsItsTrackNameAndTime() throws Exception {
        Reader reader = new Reader();
        reader.read(
                packets(
                        List.of(
                                new Span("ddr", "in", 0, 1e-6),
                                new Span("ddr", "out", 1e-6, 0.25e-6),
                                new Span("core 10,2", "Schritt \u00fc", 0.5e-6, 300))));
        assertThat(reader.slices)
                .containsExactly(
                        "ddr: in, 1000",
                        "ddr: out, 250",
                        "core 10,2: Schritt \u00fc, 300000000000");
    }

    @ParameterizedTest
    @CsvSource({
        // overlapping spans of one track, whose begins and ends do not pair up
        "0, 2, 1, 3",
        // time before the start
        "-1, 1, 2, 1"
    })
    void aBrokenTraceIsSeen(double first, double firstLong, double second, double secondLong)
            throws Exception {
        byte[] bytes =
                packets(
                        List.of(
                                new Span("ddr", "in", first, firstLong),
                                new Span("ddr", "in", second, secondLong)));
        assertThatThrownBy(() -> new Reader().read(bytes)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void aFieldThatPerfettoDoesNotKnowIsSeen() throws Exception {
        byte[] bytes = packets(played());
        // the root's name under a number that no field has
        int name = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("NPU") - 2;
        assertThat(bytes[name]).isEqualTo((byte) (2 << 3 | 2));
        bytes[name] = 7 << 3 | 2;
        assertThatThrownBy(() -> new Reader().read(bytes)).hasMessageContaining("unknown field");
    }

    @Test
    void theFilesNameChoosesTheFormat(@TempDir Path folder) throws Exception {
        PerfettoTrace.write(played(), folder.resolve("layer.json"));
        assertThat(Files.readString(folder.resolve("layer.json"))).startsWith("{\"displayTimeUnit");
        PerfettoTrace.write(played(), folder.resolve("layer.pftrace"));
        assertThat(Files.readAllBytes(folder.resolve("layer.pftrace")))
                .isEqualTo(packets(played()));
    }
}
