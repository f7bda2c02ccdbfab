package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/** FLOAT64. */
final class DoubleStorage extends Storage {

    private final double[] values;

    DoubleStorage(DataType type, double[] values) {
        super(type);
        this.values = values;
    }

    double[] values() {
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
        return values[index];
    }

    @Override
    void setDouble(int index, double value) {
        values[index] = value;
    }

    @Override
    long getLong(int index) {
        return (long) values[index];
    }

    @Override
    void setLong(int index, long value) {
        values[index] = value;
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.asDoubleBuffer().put(values);
    }

    @Override
    void readFrom(ByteBuffer source) {
        source.asDoubleBuffer().get(values);
    }
}
