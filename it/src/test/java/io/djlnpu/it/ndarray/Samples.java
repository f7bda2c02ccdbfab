package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/** The arrays that the cases start from, the same on every engine. */
final class Samples {

    /**
     * The types that PyTorch's binding survives; asking it for BFLOAT16, INT16 or UINT16 to UINT64
     * ends the JVM.
     */
    static final List<DataType> TYPES =
            List.of(
                    DataType.FLOAT32,
                    DataType.FLOAT64,
                    DataType.FLOAT16,
                    DataType.INT32,
                    DataType.INT64,
                    DataType.INT8,
                    DataType.UINT8,
                    DataType.BOOLEAN);

    static final List<Shape> SHAPES =
            List.of(
                    new Shape(),
                    new Shape(1),
                    new Shape(5),
                    new Shape(2, 3),
                    new Shape(2, 1, 3),
                    new Shape(0),
                    new Shape(2, 0));

    private static final double[] SPECIAL = {
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 0, 1e-30, 1e30, -1e30
    };

    private Samples() {}

    /** Small numbers of both signs with ties, zeros and halves; whole where the type is. */
    static NDArray array(NDManager manager, DataType type, Shape shape) {
        return array(manager, type, shape, 0);
    }

    static NDArray array(NDManager manager, DataType type, Shape shape, int seed) {
        double[] values = new double[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            double value = ((i + seed) * 7 % 11 - 4) * (type.isFloating() ? 0.75 : 1);
            values[i] =
                    type == DataType.UINT8
                            ? Math.abs(value)
                            : type == DataType.BOOLEAN ? (i + seed) % 3 % 2 : value;
        }
        return manager.create(values, shape).toType(type, false);
    }

    static NDArray special(NDManager manager) {
        return manager.create(SPECIAL).toType(DataType.FLOAT32, false);
    }

    static NDArray counting(NDManager manager, long... shape) {
        int size = (int) new Shape(shape).size();
        return manager.arange(0f, size, 1f).reshape(shape);
    }
}
