package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/** FLOAT32, the type that text generation leans on. */
final class FloatStorage extends Storage {

    private final float[] values;

    FloatStorage(DataType type, float[] values) {
        super(type);
        this.values = values;
    }

    float[] values() {
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
        values[index] = (float) value;
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
    void copyStrided(Storage source, int from, int fromStride, int to, int toStride, int count) {
        if (fromStride == 1 && toStride == 1) {
            copy(source, from, to, count);
            return;
        }
        float[] origin = ((FloatStorage) source).values;
        for (int i = 0; i < count; i++) {
            values[to + i * toStride] = origin[from + i * fromStride];
        }
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.asFloatBuffer().put(values);
    }

    @Override
    void readFrom(ByteBuffer source) {
        source.asFloatBuffer().get(values);
    }
}
