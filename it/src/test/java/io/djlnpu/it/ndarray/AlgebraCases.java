package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Products, the inverse, Fourier transforms, complex numbers. */
final class AlgebraCases {

    private AlgebraCases() {}

    static void addTo(Catalogue catalogue) {
        Shape[][] pairs = {
            {new Shape(3), new Shape(3)},
            {new Shape(2, 3), new Shape(3, 4)},
            {new Shape(2, 3), new Shape(3)},
            {new Shape(3), new Shape(3, 2)},
            {new Shape(5, 2, 3), new Shape(5, 3, 4)},
            {new Shape(5, 2, 3), new Shape(3, 4)},
            {new Shape(2, 1, 2, 3), new Shape(4, 3, 2)},
            {new Shape(2, 3), new Shape(4, 2)},
            {new Shape(), new Shape(3)},
            {new Shape(2, 0), new Shape(0, 3)}
        };
        for (Shape[] pair : pairs) {
            product(catalogue, "dot", NDArray::dot, DataType.FLOAT32, pair);
            product(catalogue, "matMul", NDArray::matMul, DataType.FLOAT32, pair);
            product(catalogue, "batchMatMul", NDArray::batchMatMul, DataType.FLOAT32, pair);
            product(catalogue, "batchDot", NDArray::batchDot, DataType.FLOAT32, pair);
        }
        for (DataType type : List.of(DataType.FLOAT64, DataType.INT64, DataType.INT32)) {
            product(catalogue, "matMul", NDArray::matMul, type, pairs[1]);
        }
        catalogue.add(
                "matMul of types",
                m -> Samples.counting(m, 2, 2),
                m -> m.create(new long[][] {{1, 2}, {3, 4}}),
                NDArray::matMul);
        catalogue.add("inverse", m -> m.create(new float[][] {{2, 1}, {5, 3}}), NDArray::inverse);
        catalogue.add(
                "inverse of batch",
                m -> m.create(new float[] {2, 1, 5, 3, 0, 1, 1, 0}, new Shape(2, 2, 2)),
                NDArray::inverse);
        catalogue.add("inverse singular", m -> m.ones(new Shape(2, 2)), NDArray::inverse);
        catalogue.add("inverse not square", m -> m.ones(new Shape(2, 3)), NDArray::inverse);

        Function<NDManager, NDArray> signal =
                m -> Samples.array(m, DataType.FLOAT32, new Shape(2, 12));
        for (int length : new int[] {12, 8, 16, 5}) {
            catalogue.add("fft of " + length, signal, a -> a.fft(length));
            catalogue.add("ifft of " + length, signal, a -> a.ifft(length));
            catalogue.add("rfft of " + length, signal, a -> a.rfft(length));
            catalogue.add("irfft of " + length, signal, a -> a.irfft(length));
        }
        catalogue.add("fft along 0", signal, a -> a.fft(2, 0));
        catalogue.add("ifft along 0", signal, a -> a.ifft(2, 0));
        catalogue.add("rfft along 0", signal, a -> a.rfft(2, 0));
        catalogue.add("irfft along 0", signal, a -> a.irfft(2, 0));
        catalogue.add("fft2", signal, a -> a.fft2(new long[] {2, 12}));
        catalogue.add("fft2 axes", signal, a -> a.fft2(new long[] {12, 2}, new long[] {1, 0}));
        catalogue.add("ifft2", signal, a -> a.ifft2(new long[] {2, 12}));
        catalogue.add("ifft2 axes", signal, a -> a.ifft2(new long[] {4, 4}, new long[] {0, 1}));
        for (boolean center : new boolean[] {true, false}) {
            catalogue.add(
                    "stft center " + center,
                    signal,
                    m -> m.hanningWindow(8),
                    (a, window) -> a.stft(8, 2, center, window, true));
            catalogue.add(
                    "stft normalised, center " + center,
                    signal,
                    m -> m.hanningWindow(8),
                    (a, window) -> a.stft(8, 4, center, window, true, false));
        }
        catalogue.add("complex and real", signal, a -> a.reshape(12, 2).complex().real());
        catalogue.add("complex of odd", m -> m.ones(new Shape(3)), NDArray::complex);
        catalogue.add("real of real", m -> m.ones(new Shape(3)), NDArray::real);
        catalogue.add("conj", signal, a -> a.reshape(12, 2).complex().conj());
        catalogue.add("conj of real", m -> Samples.counting(m, 3), NDArray::conj);
        catalogue.add("complex watched", signal, a -> a.get(":, :2").complex());
        catalogue.add("real watched", m -> Samples.counting(m, 3, 2).complex(), NDArray::real);
        for (String operator : List.of("add", "sub", "mul", "div")) {
            catalogue.add(
                    "complex " + operator,
                    m -> Samples.array(m, DataType.FLOAT32, new Shape(3, 2)).complex(),
                    m -> Samples.array(m, DataType.FLOAT32, new Shape(3, 2), 3).complex(),
                    (a, b) ->
                            switch (operator) {
                                case "add" -> a.add(b);
                                case "sub" -> a.sub(b);
                                case "mul" -> a.mul(b);
                                default -> a.div(b);
                            });
        }
    }

    private static void product(
            Catalogue catalogue,
            String name,
            BiFunction<NDArray, NDArray, Object> operation,
            DataType type,
            Shape... pair) {
        catalogue.add(
                name + " of " + type + " " + pair[0] + " and " + pair[1],
                m -> Samples.array(m, type, pair[0]),
                m -> Samples.array(m, type, pair[1], 3),
                operation);
    }
}
