package io.djlnpu.gemma3;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.kernel.KeyValues;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.simd.Attention;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Keys and values of one layer. A local layer keeps a ring that holds its window and one chunk; a
 * global layer grows by doubling.
 */
final class LayerCache implements KeyValues, AutoCloseable {

    private static final int FIRST_CAPACITY = 1024;

    private final int heads;
    private final int headDim;
    private final boolean bf16;
    private final boolean ring;
    private int capacity;
    private Arena arena;
    private MemorySegment keys;
    private MemorySegment values;

    /**
     * Allocates the cache.
     *
     * @param window keys that stay visible, or 0 for all
     */
    LayerCache(int heads, int headDim, boolean bf16, int window, int maxChunk, int maxContext) {
        this.heads = heads;
        this.headDim = headDim;
        this.bf16 = bf16;
        int all = align(maxContext);
        int needed = window == 0 ? all : align(window + maxChunk);
        ring = needed < all;
        allocate(ring ? needed : Math.min(all, FIRST_CAPACITY));
    }

    private static int align(int slots) {
        return Math.ceilDiv(slots, Attention.MAX_KEYS) * Attention.MAX_KEYS;
    }

    private void allocate(int slots) {
        capacity = slots;
        arena = Arena.ofShared();
        keys = arena.allocate((long) heads * slots * headDim * elementBytes(), 64);
        values = arena.allocate((long) heads * slots * headDim * elementBytes(), 64);
    }

    private int elementBytes() {
        return bf16 ? 2 : 4;
    }

    /** Makes room for positions up to {@code end}. */
    void reserve(int end) {
        if (ring || end <= capacity) {
            return;
        }
        Arena oldArena = arena;
        MemorySegment oldKeys = keys;
        MemorySegment oldValues = values;
        int oldCapacity = capacity;
        allocate(align(Math.max(end, 2 * capacity)));
        long from = (long) oldCapacity * headDim * elementBytes();
        long to = (long) capacity * headDim * elementBytes();
        for (int h = 0; h < heads; h++) {
            MemorySegment.copy(oldKeys, h * from, keys, h * to, from);
            MemorySegment.copy(oldValues, h * from, values, h * to, from);
        }
        oldArena.close();
    }

    /** Appends one token's keys and values, {@code [heads, headDim]} floats each. */
    void put(int position, MemorySegment newKeys, MemorySegment newValues, long index) {
        for (int h = 0; h < heads; h++) {
            put(h, position, newKeys, newValues, index + (long) h * headDim);
        }
    }

    /** Appends one token's keys and values from a block's arrays. */
    void put(
            int position,
            MemorySegment newKeys,
            MemorySegment newValues,
            KeyValueBlock layout,
            int slot) {
        for (int h = 0; h < heads; h++) {
            put(h, position, newKeys, newValues, layout.index(h, slot, headDim));
        }
    }

    private void put(
            int head, int position, MemorySegment newKeys, MemorySegment newValues, long index) {
        long slot = ((long) head * capacity + position % capacity) * headDim;
        store(newKeys, index, keys, slot);
        store(newValues, index, values, slot);
    }

    private void store(MemorySegment source, long index, MemorySegment target, long slot) {
        if (!bf16) {
            MemorySegment.copy(source, 4 * index, target, 4 * slot, 4L * headDim);
            return;
        }
        for (int d = 0; d < headDim; d++) {
            short bits = Bfloat16.fromFloat(source.getAtIndex(JAVA_FLOAT, index + d));
            target.set(Bfloat16.LAYOUT, 2 * (slot + d), bits);
        }
    }

    /** Copies one token out; it must still be there. */
    void read(int position, KeyValueBlock target, int slot) {
        for (int h = 0; h < heads; h++) {
            long from = ((long) h * capacity + position % capacity) * headDim;
            int to = target.index(h, slot, headDim);
            load(keys, from, target.keys(), to);
            load(values, from, target.values(), to);
        }
    }

    private void load(MemorySegment source, long from, float[] target, int to) {
        if (bf16) {
            Bfloat16.toFloats(source, 2 * from, target, to, headDim);
        } else {
            MemorySegment.copy(source, JAVA_FLOAT, 4 * from, target, to, headDim);
        }
    }

    /**
     * Visits the tokens {@code [from, end)} as they lie in memory, in order of head and position.
     * All of keys come before all of values.
     */
    void pieces(int from, int end, PieceVisitor visitor) throws IOException {
        for (MemorySegment numbers : new MemorySegment[] {keys, values}) {
            for (int h = 0; h < heads; h++) {
                for (int at = from; at < end; ) {
                    int slot = at % capacity;
                    int count = Math.min(end - at, capacity - slot);
                    long width = (long) headDim * elementBytes();
                    visitor.accept(
                            numbers.asSlice(((long) h * capacity + slot) * width, count * width));
                    at += count;
                }
            }
        }
    }

    /** The bytes that {@link #pieces} visits. */
    long pieceBytes(int from, int end) {
        return 2L * heads * headDim * elementBytes() * (end - from);
    }

    /** Receives memory, in order. */
    interface PieceVisitor {
        void accept(MemorySegment piece) throws IOException;
    }

    /** The oldest position that is still there when the newest ever written is {@code end - 1}. */
    int oldest(int end) {
        return Math.max(0, end - capacity);
    }

    /** The memory taken. */
    long bytes() {
        return keys.byteSize() + values.byteSize();
    }

    void copyFrom(LayerCache other) {
        if (capacity != other.capacity) {
            arena.close();
            allocate(other.capacity);
        }
        keys.copyFrom(other.keys);
        values.copyFrom(other.values);
    }

    @Override
    public MemorySegment keys() {
        return keys;
    }

    @Override
    public MemorySegment values() {
        return values;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public boolean bf16() {
        return bf16;
    }

    @Override
    public void close() {
        arena.close();
    }
}
