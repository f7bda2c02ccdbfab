package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/** INT16 and UINT16. */
final class ShortStorage extends Storage {

    private final short[] values;

    ShortStorage(DataType type, short[] values) {
        super(type);
        this.values = values;
    }

    short[] values() {
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
        return getLong(index);
    }

    @Override
    void setDouble(int index, double value) {
        values[index] = (short) (long) value;
    }

    @Override
    long getLong(int index) {
        return type() == DataType.UINT16 ? Short.toUnsignedLong(values[index]) : values[index];
    }

    @Override
    void setLong(int index, long value) {
        values[index] = (short) value;
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.asShortBuffer().put(values);
    }

    @Override
    void readFrom(ByteBuffer source) {
        source.asShortBuffer().get(values);
    }
}
