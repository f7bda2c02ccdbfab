package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/** INT64 and UINT64; the long that UINT64 reads as holds its bits. */
final class LongStorage extends Storage {

    private final long[] values;

    LongStorage(DataType type, long[] values) {
        super(type);
        this.values = values;
    }

    long[] values() {
        return values;
    }

    @Override
    Object slotsArray() {
        return values;
    }

    @Override
    int size() {
        return values.length;
    }

    @Override
    double getDouble(int index) {
        return type() == DataType.UINT64 ? Unsigned.toDouble(values[index]) : values[index];
    }

    @Override
    void setDouble(int index, double value) {
        values[index] = type() == DataType.UINT64 ? Unsigned.fromDouble(value) : (long) value;
    }

    @Override
    long getLong(int index) {
        return values[index];
    }

    @Override
    void setLong(int index, long value) {
        values[index] = value;
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.asLongBuffer().put(values);
    }

    @Override
    void readFrom(ByteBuffer source) {
        source.asLongBuffer().get(values);
    }
}
