package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.kernel.KeyValues;
import io.djlnpu.kernel.TileExecutor;
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
    private static final int TILE = Attention.TILE;

    private final TileExecutor executor;
    private final int heads;
    private final int headDim;
    private final boolean bf16;
    private final boolean ring;

    /** Slots for the longest sequence. */
    private final int most;

    private int capacity;
    private Arena arena;
    private MemorySegment keys;
    private MemorySegment values;

    /**
     * Allocates the cache.
     *
     * @param executor frees what the cache has outgrown, once no kernel reads it any more
     * @param window keys that stay visible, or 0 for all
     */
    LayerCache(
            TileExecutor executor,
            int heads,
            int headDim,
            boolean bf16,
            int window,
            int maxChunk,
            int maxContext) {
        this.executor = executor;
        this.heads = heads;
        this.headDim = headDim;
        this.bf16 = bf16;
        most = align(maxContext);
        int needed = window == 0 ? most : align(window + maxChunk);
        ring = needed < most;
        allocate(ring ? needed : Math.min(most, FIRST_CAPACITY));
    }

    private static int align(int slots) {
        return Math.ceilDiv(slots, TILE) * TILE;
    }

    /** Takes new memory, or stays as it is where there is none. */
    private void allocate(int slots) {
        long bytes = heads * headBytes(slots);
        Arena fresh = Arena.ofShared();
        try {
            MemorySegment freshKeys = fresh.allocate(bytes, 64);
            values = fresh.allocate(bytes, 64);
            keys = freshKeys;
        } catch (RuntimeException | Error e) {
            fresh.close();
            throw e;
        }
        arena = fresh;
        capacity = slots;
    }

    private int tilesAcross() {
        return Math.ceilDiv(headDim, TILE);
    }

    private long headBytes(int slots) {
        return KeyValues.tileIndex(slots, 0, tilesAcross()) * elementBytes();
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
        long from = headBytes(capacity);
        allocate(align(Math.clamp(2L * capacity, end, most)));
        long to = headBytes(capacity);
        for (int h = 0; h < heads; h++) {
            MemorySegment.copy(oldKeys, h * from, keys, h * to, from);
            MemorySegment.copy(oldValues, h * from, values, h * to, from);
        }
        executor.free(oldArena);
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
        for (int d = 0; d < headDim; d++) {
            store(newKeys.getAtIndex(JAVA_FLOAT, index + d), keys, keyIndex(head, position, d));
            store(
                    newValues.getAtIndex(JAVA_FLOAT, index + d),
                    values,
                    valueIndex(head, position, d));
        }
    }

    private void store(float x, MemorySegment target, long index) {
        if (bf16) {
            target.set(Bfloat16.LAYOUT, 2 * index, Bfloat16.fromFloat(x));
        } else {
            target.setAtIndex(JAVA_FLOAT, index, x);
        }
    }

    private float load(MemorySegment source, long index) {
        return bf16
                ? Bfloat16.toFloat(source.get(Bfloat16.LAYOUT, 2 * index))
                : source.getAtIndex(JAVA_FLOAT, index);
    }

    private long keyIndex(int head, int position, int d) {
        return tileIndex(head, position, d) + (long) (d % TILE) * TILE + position % TILE;
    }

    private long valueIndex(int head, int position, int d) {
        return tileIndex(head, position, d) + (long) (position % TILE) * TILE + d % TILE;
    }

    private long tileIndex(int head, int position, int d) {
        long slot = (long) head * capacity + (position - position % TILE) % capacity;
        return KeyValues.tileIndex(slot, d / TILE, tilesAcross());
    }

    /** Copies one token out; it must still be there. */
    void read(int position, KeyValueBlock target, int slot) {
        for (int h = 0; h < heads; h++) {
            int to = target.index(h, slot, headDim);
            for (int d = 0; d < headDim; d++) {
                target.keys()[to + d] = load(keys, keyIndex(h, position, d));
                target.values()[to + d] = load(values, valueIndex(h, position, d));
            }
        }
    }

    /**
     * Visits the tokens {@code [from, end)}, rows of {@code headDim} in order of head and position.
     * All of keys come before all of values.
     *
     * @param fill whether the visitor brings the rows, or takes them
     */
    void pieces(int from, int end, boolean fill, PieceVisitor visitor) throws IOException {
        long width = (long) headDim * elementBytes();
        try (Arena own = Arena.ofConfined()) {
            MemorySegment rows = own.allocate(TILE * width, 4);
            for (MemorySegment numbers : new MemorySegment[] {keys, values}) {
                for (int h = 0; h < heads; h++) {
                    for (int at = from; at < end; at += TILE) {
                        int count = Math.min(end - at, TILE);
                        if (!fill) {
                            move(numbers, h, at, count, rows, false);
                        }
                        visitor.accept(rows.asSlice(0, count * width));
                        if (fill) {
                            move(numbers, h, at, count, rows, true);
                        }
                    }
                }
            }
        }
    }

    private void move(
            MemorySegment numbers, int head, int from, int count, MemorySegment rows, boolean in) {
        for (int t = 0; t < count; t++) {
            for (int d = 0; d < headDim; d++) {
                long index =
                        numbers == keys
                                ? keyIndex(head, from + t, d)
                                : valueIndex(head, from + t, d);
                long row = (long) t * headDim + d;
                if (in) {
                    store(load(rows, row), numbers, index);
                } else {
                    store(load(numbers, index), rows, row);
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
            Arena oldArena = arena;
            allocate(other.capacity);
            executor.free(oldArena);
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
        executor.free(arena);
    }
}
