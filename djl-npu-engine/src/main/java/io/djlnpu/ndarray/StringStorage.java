package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;

/** STRING: can be created, moved about and read back; it is no number. */
final class StringStorage extends Storage {

    private final String[] values;

    StringStorage(String[] values) {
        super(DataType.STRING);
        this.values = values;
    }

    String[] values() {
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
        throw noNumber();
    }

    @Override
    void setDouble(int index, double value) {
        throw noNumber();
    }

    @Override
    long getLong(int index) {
        throw noNumber();
    }

    @Override
    void setLong(int index, long value) {
        throw noNumber();
    }

    @Override
    void writeTo(ByteBuffer target) {
        throw noNumber();
    }

    @Override
    void readFrom(ByteBuffer source) {
        throw noNumber();
    }

    private static UnsupportedOperationException noNumber() {
        return new UnsupportedOperationException(
                "an array of type STRING has no numeric contents; read it with toStringArray()");
    }
}
