package io.djlnpu.timing;

import io.djlnpu.timing.EventSimulator.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Keeps what tracks were busy with. Of a track with very many spans only the first and the last
 * stay; those between, where a pipeline repeats itself, become one that says how many they were and
 * what part of its time they filled.
 */
final class SpanLog {

    private final int edge;
    private final Map<String, Track> tracks = new LinkedHashMap<>();

    /** Keeps {@code edge} spans at each end of a track. */
    SpanLog(int edge) {
        this.edge = edge;
    }

    void add(String track, String name, double startSeconds, double seconds) {
        tracks.computeIfAbsent(track, key -> new Track())
                .add(new Span(track, name, startSeconds, seconds));
    }

    /** Track by track, each in the order of time. */
    List<Span> spans() {
        List<Span> all = new ArrayList<>();
        tracks.values().forEach(track -> track.addTo(all));
        return all;
    }

    private final class Track {

        private final List<Span> first = new ArrayList<>();
        private final Deque<Span> last = new ArrayDeque<>();
        private Span firstBetween;
        private Span lastBetween;
        private long between;
        private double busyBetween;

        void add(Span span) {
            if (first.size() < edge) {
                first.add(span);
                return;
            }
            last.add(span);
            if (last.size() > edge) {
                lastBetween = last.remove();
                firstBetween = firstBetween == null ? lastBetween : firstBetween;
                between++;
                busyBetween += lastBetween.seconds();
            }
        }

        void addTo(List<Span> all) {
            all.addAll(first);
            if (between > 0) {
                double start = firstBetween.startSeconds();
                double seconds = lastBetween.startSeconds() + lastBetween.seconds() - start;
                String name =
                        String.format(
                                Locale.ROOT,
                                "%d more, busy %.0f %%",
                                between,
                                100 * busyBetween / seconds);
                all.add(new Span(firstBetween.track(), name, start, seconds));
            }
            all.addAll(last);
        }
    }
}
