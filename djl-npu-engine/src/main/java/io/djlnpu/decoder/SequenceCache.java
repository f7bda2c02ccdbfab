package io.djlnpu.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.kernel.TileExecutor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys and values of one sequence in all layers, and how long it is and ever was: what the
 * rings of local layers have overwritten stays overwritten when a sequence is cut.
 */
final class SequenceCache implements AutoCloseable {

    private final DecoderSpec config;
    private final int maxContext;
    private final List<LayerCache> layers;
    private int position;
    private int longest;

    /**
     * Allocates an empty cache.
     *
     * @param executor runs the kernels that read it
     * @param chunk the most tokens that are added together
     */
    SequenceCache(
            TileExecutor executor, DecoderSpec config, boolean narrow, int chunk, int maxContext) {
        this.config = config;
        this.maxContext = maxContext;
        layers =
                IntStream.range(0, config.layers())
                        .mapToObj(
                                layer ->
                                        new LayerCache(
                                                executor,
                                                config.kvHeads(),
                                                config.headDim(),
                                                narrow,
                                                config.isLocal(layer) ? config.slidingWindow() : 0,
                                                chunk,
                                                maxContext))
                        .toList();
    }

    LayerCache layer(int index) {
        return layers.get(index);
    }

    int position() {
        return position;
    }

    void advance(int tokens) {
        position += tokens;
        longest = Math.max(longest, position);
    }

    void reset() {
        position = 0;
        longest = 0;
    }

    boolean truncate(int length) {
        if (!canTruncate(length)) {
            return false;
        }
        position = length;
        return true;
    }

    boolean canTruncate(int length) {
        if (length < 0 || length > position) {
            throw new IllegalArgumentException(length + " tokens to keep of " + position);
        }
        int needed = Math.max(0, length + 1 - config.slidingWindow());
        return IntStream.range(0, layers.size())
                .allMatch(layer -> oldestHeld(layer) <= (config.isLocal(layer) ? needed : 0));
    }

    int oldestHeld(int layer) {
        return layers.get(layer).oldest(longest);
    }

    void read(int layer, int place, KeyValueBlock target, int slot) {
        if (place < oldestHeld(layer) || place >= position) {
            throw new IllegalArgumentException(
                    "token %d of layer %d, which holds %d to %d"
                            .formatted(place, layer, oldestHeld(layer), position - 1));
        }
        layers.get(layer).read(place, target, slot);
    }

    void restore(List<KeyValueBlock> blocks, int[] slots) {
        if (blocks.size() != layers.size() || slots.length > maxContext) {
            throw new IllegalArgumentException(
                    "%d layers of %d tokens, expected %d of at most %d"
                            .formatted(blocks.size(), slots.length, layers.size(), maxContext));
        }
        reset();
        for (int i = 0; i < blocks.size(); i++) {
            KeyValueBlock block = blocks.get(i);
            LayerCache cache = layers.get(i);
            MemorySegment keys = MemorySegment.ofArray(block.keys());
            MemorySegment values = MemorySegment.ofArray(block.values());
            cache.reserve(slots.length);
            for (int place = cache.oldest(slots.length); place < slots.length; place++) {
                cache.put(place, keys, values, block, slots[place]);
            }
        }
        advance(slots.length);
    }

    /** Makes room for a sequence of so many tokens. */
    void reserve(int length) {
        // by index: an iterator for every decoded token would be garbage
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).reserve(length);
        }
    }

    SessionState state() {
        return new SessionState(layers, position, longest);
    }

    void restore(MemorySegment saved, int length, int longestEver) {
        if (length < 0 || length > longestEver || longestEver > maxContext) {
            throw new IllegalArgumentException(
                    "%d tokens, %d at the most, context %d"
                            .formatted(length, longestEver, maxContext));
        }
        reset();
        reserve(length);
        new SessionState(layers, length, longestEver).readFrom(saved);
        position = length;
        longest = longestEver;
    }

    void copyFrom(SequenceCache other) {
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).copyFrom(other.layers.get(i));
        }
        position = other.position;
        longest = other.longest;
    }

    /** The memory taken. */
    long bytes() {
        return layers.stream().mapToLong(LayerCache::bytes).sum();
    }

    @Override
    public void close() {
        layers.forEach(LayerCache::close);
    }
}
