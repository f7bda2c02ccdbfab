package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/** COMPLEX64: pairs of floats, real part first. As a number an element reads as its real part. */
final class ComplexStorage extends Storage {

    private final float[] pairs;

    ComplexStorage(float[] pairs) {
        super(DataType.COMPLEX64);
        this.pairs = pairs;
    }

    float[] pairs() {
        return pairs;
    }

    @Override
    Object slotsArray() {
        return pairs;
    }

    @Override
    int slots() {
        return 2;
    }

    @Override
    int size() {
        return pairs.length / 2;
    }

    @Override
    double getDouble(int index) {
        return pairs[2 * index];
    }

    @Override
    void setDouble(int index, double value) {
        pairs[2 * index] = (float) value;
        pairs[2 * index + 1] = 0;
    }

    @Override
    long getLong(int index) {
        return (long) pairs[2 * index];
    }

    @Override
    void setLong(int index, long value) {
        setDouble(index, value);
    }

    @Override
    void writeTo(ByteBuffer target) {
        target.asFloatBuffer().put(pairs);
    }

    @Override
    void readFrom(ByteBuffer source) {
        source.asFloatBuffer().get(pairs);
    }
}
