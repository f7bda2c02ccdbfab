package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/** INT32 and UINT32. */
final class IntStorage extends Storage {

    private final int[] values;

    IntStorage(DataType type, int[] values) {
        super(type);
        this.values = values;
    }

    int[] values() {
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
        values[index] = (int) (long) value;
    }

    @Override
    long getLong(int index) {
        return type() == DataType.UINT32 ? Integer.toUnsignedLong(values[index]) : values[index];
    }

    @Override
    void setLong(int index, long value) {
        values[index] = (int) value;
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.asIntBuffer().put(values);
    }

    @Override
    void readFrom(ByteBuffer source) {
        source.asIntBuffer().get(values);
    }
}
