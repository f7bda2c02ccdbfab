package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.numeric.Float16;
import java.nio.ByteBuffer;

/** The 16-bit floats FLOAT16 and BFLOAT16, kept as bits. */
final class HalfStorage extends Storage {

    private final short[] values;

    HalfStorage(DataType type, short[] values) {
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
        short bits = values[index];
        return type() == DataType.BFLOAT16 ? Bfloat16.toFloat(bits) : Float16.toFloat(bits);
    }

    @Override
    void setDouble(int index, double value) {
        float single = RoundToOdd.toFloat(value);
        values[index] =
                type() == DataType.BFLOAT16
                        ? Bfloat16.fromFloat(single)
                        : Float16.fromFloat(single);
    }

    @Override
    long getLong(int index) {
        return (long) getDouble(index);
    }

    @Override
    void setLong(int index, long value) {
        setDouble(index, value);
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
