package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;

/** Conversion between element types, and the type that two operands meet in. */
final class Casts {

    private Casts() {}

    static Tensor cast(Tensor source, DataType target) {
        if (source.type() == target) {
            return source;
        }
        Tensor result = Tensor.allocate(target, source.shape());
        Storage from = source.data();
        Storage to = result.data();
        // Whole numbers go through long, which loses nothing; the rest through double.
        boolean whole =
                isWhole(source.type()) && (isWhole(target) || source.type() != DataType.UINT64);
        for (int i = 0; i < source.size(); i++) {
            if (whole) {
                to.setLong(i, from.getLong(i));
            } else {
                to.setDouble(i, from.getDouble(i));
            }
        }
        return result;
    }

    static float[] toFloats(Tensor source) {
        float[] result = new float[source.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) source.getDouble(i);
        }
        return result;
    }

    static boolean isWhole(DataType type) {
        return type.isInteger() || type.isBoolean();
    }

    static boolean isFloating(DataType type) {
        return type.isFloating() && type != DataType.COMPLEX64;
    }

    /** The type for results that are not whole: floats keep theirs, others become FLOAT32. */
    static DataType floating(DataType type) {
        return isWhole(type) ? DataType.FLOAT32 : type;
    }

    /**
     * The type in which two operands meet. As in PyTorch a scalar decides only when its kind is
     * higher (truth value, whole number, fraction, complex number).
     */
    static DataType common(Tensor a, Tensor b) {
        if (a.isScalar() != b.isScalar()) {
            DataType array = a.isScalar() ? b.type() : a.type();
            DataType scalar = a.isScalar() ? a.type() : b.type();
            return kind(scalar) <= kind(array) ? array : scalar;
        }
        return common(a.type(), b.type());
    }

    static DataType common(DataType a, DataType b) {
        if (a == b) {
            return a;
        }
        if (a == DataType.STRING || b == DataType.STRING) {
            throw new IllegalArgumentException(
                    "an array of type STRING takes no part in arithmetic");
        }
        if (kind(a) != kind(b)) {
            return kind(a) > kind(b) ? a : b;
        }
        if (kind(a) == 2) {
            boolean halves = a.getNumOfBytes() == 2 && b.getNumOfBytes() == 2;
            return halves ? DataType.FLOAT32 : a.getNumOfBytes() > b.getNumOfBytes() ? a : b;
        }
        return commonWhole(a, b);
    }

    private static DataType commonWhole(DataType a, DataType b) {
        DataType wide = a.getNumOfBytes() >= b.getNumOfBytes() ? a : b;
        DataType narrow = wide == a ? b : a;
        boolean wideUnsigned = wide.getFormat() == DataType.Format.UINT;
        boolean narrowUnsigned = narrow.getFormat() == DataType.Format.UINT;
        if (wideUnsigned == narrowUnsigned
                || wide.getNumOfBytes() > narrow.getNumOfBytes() && !wideUnsigned) {
            return wide;
        }
        // One is signed and the unsigned one is as wide: only the next wider signed type holds
        // both.
        return switch (wide.getNumOfBytes()) {
            case 1 -> DataType.INT16;
            case 2 -> DataType.INT32;
            case 4 -> DataType.INT64;
            default -> DataType.FLOAT32;
        };
    }

    /**
     * Truth value 0, whole number 1, fraction 2, complex number 3: a type holds all kinds below its
     * own.
     */
    static int kind(DataType type) {
        if (type == DataType.COMPLEX64) {
            return 3;
        }
        return type.isFloating() ? 2 : type.isInteger() ? 1 : 0;
    }
}
