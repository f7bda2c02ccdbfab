package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;

/**
 * A dense row-major array as a value: shape and contents. Functions make new tensors and never
 * change the ones they are given; {@link #reshape} shares contents and marks them so.
 */
record Tensor(Shape shape, Storage data) {

    Tensor {
        if (shape.size() != data.size()) {
            throw new IllegalArgumentException(
                    "shape "
                            + shape
                            + " holds "
                            + shape.size()
                            + " elements, the data holds "
                            + data.size());
        }
    }

    static Tensor allocate(DataType type, Shape shape) {
        return new Tensor(shape, Storages.allocate(type, Dimensions.size(shape)));
    }

    static Tensor ofFloats(Shape shape, float... values) {
        return new Tensor(shape, new FloatStorage(DataType.FLOAT32, values));
    }

    static Tensor ofLongs(Shape shape, long... values) {
        return new Tensor(shape, new LongStorage(DataType.INT64, values));
    }

    static Tensor fill(DataType type, Shape shape, IntToDoubleFunction element) {
        Tensor result = allocate(type, shape);
        for (int i = 0; i < result.size(); i++) {
            result.data.setDouble(i, element.applyAsDouble(i));
        }
        return result;
    }

    static Tensor fillLongs(DataType type, Shape shape, IntToLongFunction element) {
        Tensor result = allocate(type, shape);
        for (int i = 0; i < result.size(); i++) {
            result.data.setLong(i, element.applyAsLong(i));
        }
        return result;
    }

    /** A scalar of the type that DJL gives a boxed number. */
    static Tensor ofNumber(Number number) {
        return switch (number) {
            case Integer value ->
                    new Tensor(new Shape(), new IntStorage(DataType.INT32, new int[] {value}));
            case Float value -> ofFloats(new Shape(), value);
            case Double value ->
                    new Tensor(
                            new Shape(), new DoubleStorage(DataType.FLOAT64, new double[] {value}));
            case Long value -> ofLongs(new Shape(), value);
            case Byte value ->
                    new Tensor(new Shape(), new ByteStorage(DataType.INT8, new byte[] {value}));
            case Short value ->
                    new Tensor(new Shape(), new ShortStorage(DataType.INT16, new short[] {value}));
            default ->
                    throw new IllegalArgumentException(
                            "cannot make an array of a " + number.getClass().getName());
        };
    }

    DataType type() {
        return data.type();
    }

    int size() {
        return data.size();
    }

    int rank() {
        return shape.dimension();
    }

    boolean isScalar() {
        return shape.dimension() == 0;
    }

    double getDouble(int index) {
        return data.getDouble(index);
    }

    long getLong(int index) {
        return data.getLong(index);
    }

    float[] floats() {
        return data instanceof FloatStorage storage ? storage.values() : Casts.toFloats(this);
    }

    Tensor reshape(Shape target) {
        return target.equals(shape) ? this : new Tensor(target, data.share());
    }

    Tensor reshape(long... target) {
        return reshape(new Shape(target));
    }

    Tensor cast(DataType target) {
        return Casts.cast(this, target);
    }
}
