package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;

/**
 * The four operators on float32, as loops that the compiler turns into vector code; any other case
 * is declined.
 */
final class FloatArithmetic {

    private FloatArithmetic() {}

    /** The operators. */
    enum Operator {
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE
    }

    /** The result, or null where an operand is not float32. */
    static Tensor apply(Operator operator, Tensor a, Tensor b) {
        if (!(a.data() instanceof FloatStorage) || !(b.data() instanceof FloatStorage)) {
            return null;
        }
        Shape shape = Dimensions.broadcast(a.shape(), b.shape());
        Tensor result = Tensor.allocate(a.type(), shape);
        float[] target = result.floats();
        if (b.size() == 1) {
            withScalar(operator, spread(a, shape), b.floats()[0], target);
        } else {
            elements(operator, spread(a, shape), spread(b, shape), target);
        }
        return result;
    }

    private static float[] spread(Tensor a, Shape shape) {
        return ((FloatStorage) StridedView.broadcast(a, shape).data()).values();
    }

    private static void withScalar(Operator operator, float[] a, float b, float[] target) {
        switch (operator) {
            case ADD -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = a[i] + b;
                }
            }
            case SUBTRACT -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = a[i] - b;
                }
            }
            case MULTIPLY -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = a[i] * b;
                }
            }
            case DIVIDE -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = a[i] / b;
                }
            }
        }
    }

    private static void elements(Operator operator, float[] a, float[] b, float[] target) {
        switch (operator) {
            case ADD -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = a[i] + b[i];
                }
            }
            case SUBTRACT -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = a[i] - b[i];
                }
            }
            case MULTIPLY -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = a[i] * b[i];
                }
            }
            case DIVIDE -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = a[i] / b[i];
                }
            }
        }
    }
}
