package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/**
 * The contents of one array: a Java array, row-major, and how its slots read as numbers.
 *
 * <p><b>Numerics:</b> writing a double into an integer type truncates and wraps like a C cast; into
 * BOOLEAN it asks whether the value differs from zero; into a 16-bit float it rounds to nearest
 * even.
 */
abstract class Storage {

    private final DataType type;
    private boolean shared;

    Storage(DataType type) {
        this.type = type;
    }

    final DataType type() {
        return type;
    }

    /** The Java array behind this storage; {@link #slots()} of its slots make one element. */
    abstract Object slotsArray();

    abstract int size();

    int slots() {
        return 1;
    }

    abstract double getDouble(int index);

    abstract void setDouble(int index, double value);

    abstract long getLong(int index);

    abstract void setLong(int index, long value);

    /** Writes the raw elements in native byte order; {@code target} has room for all of them. */
    abstract void writeTo(ByteBuffer target);

    /** Fills this storage from raw elements in native byte order. */
    abstract void readFrom(ByteBuffer source);

    final void copy(Storage source, int from, int to, int count) {
        System.arraycopy(
                source.slotsArray(), from * slots(), slotsArray(), to * slots(), count * slots());
    }

    /**
     * Copies {@code count} elements that lie {@code fromStride} apart to places {@code toStride}
     * apart.
     */
    void copyStrided(Storage source, int from, int fromStride, int to, int toStride, int count) {
        if (fromStride == 1 && toStride == 1) {
            copy(source, from, to, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            copy(source, from + i * fromStride, to + i * toStride, 1);
        }
    }

    final Storage duplicate() {
        Storage copy = Storages.allocate(type, size());
        copy.copy(this, 0, 0, size());
        return copy;
    }

    /**
     * Marks that two arrays lean on this storage: whoever wants to change it takes a copy first.
     */
    final Storage share() {
        shared = true;
        return this;
    }

    final boolean isShared() {
        return shared;
    }
}
