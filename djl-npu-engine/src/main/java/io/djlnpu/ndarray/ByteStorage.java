package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/** INT8, UINT8 and BOOLEAN (0 or 1). */
final class ByteStorage extends Storage {

    private final byte[] values;

    ByteStorage(DataType type, byte[] values) {
        super(type);
        this.values = values;
    }

    byte[] values() {
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
        values[index] =
                type() == DataType.BOOLEAN ? (byte) (value != 0 ? 1 : 0) : (byte) (long) value;
    }

    @Override
    long getLong(int index) {
        return type() == DataType.UINT8 ? Byte.toUnsignedLong(values[index]) : values[index];
    }

    @Override
    void setLong(int index, long value) {
        values[index] = type() == DataType.BOOLEAN ? (byte) (value != 0 ? 1 : 0) : (byte) value;
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.put(values);
    }

    @Override
    void readFrom(ByteBuffer source) {
        source.get(values);
    }
}
