package io.djlnpu.generate.grammar;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Keeps the results of a function up to a total weight; the least recently used go first. Safe for
 * many threads, none of which waits while another computes.
 *
 * @param <K> what the function takes
 * @param <V> what it returns
 */
final class RecentlyUsed<K, V> {

    private final long most;
    private final ToLongFunction<V> weight;
    private final Map<K, V> values = new LinkedHashMap<>(16, 0.75f, true);
    private long total;

    RecentlyUsed(long most, ToLongFunction<V> weight) {
        this.most = most;
        this.weight = weight;
    }

    /** Returns the kept value, or computes it; a failure is not kept. */
    V get(K key, Function<K, V> function) {
        synchronized (values) {
            V kept = values.get(key);
            if (kept != null) {
                return kept;
            }
        }
        V computed = function.apply(key);
        keep(key, computed);
        return computed;
    }

    /** Computes a value anew. */
    V renew(K key, Function<K, V> function) {
        V computed = function.apply(key);
        keep(key, computed);
        return computed;
    }

    private void keep(K key, V value) {
        synchronized (values) {
            V before = values.put(key, value);
            total += weight.applyAsLong(value) - (before == null ? 0 : weight.applyAsLong(before));
            while (total > most) {
                Map.Entry<K, V> eldest = values.entrySet().iterator().next();
                values.remove(eldest.getKey());
                total -= weight.applyAsLong(eldest.getValue());
            }
        }
    }
}
