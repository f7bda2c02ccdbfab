package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Evenly spaced numbers. */
final class Series {

    private Series() {}

    /**
     * From {@code start} on, up to but without {@code stop}; empty where the step leads away from
     * it.
     */
    static Tensor range(double start, double stop, double step, DataType type) {
        if (step == 0) {
            throw new IllegalArgumentException("arange: the step is 0");
        }
        int count = (int) Math.max(0, Math.ceil((stop - start) / step));
        return Tensor.fill(type, new Shape(count), i -> start + i * step);
    }

    /** FLOAT32 numbers from {@code start} to {@code stop}, which is left out on demand. */
    static Tensor linear(double start, double stop, int count, boolean endpoint) {
        if (count < 0) {
            throw new IllegalArgumentException("linspace: " + count + " numbers");
        }
        double step = (stop - start) / Math.max(1, endpoint ? count - 1 : count);
        return Tensor.fill(
                DataType.FLOAT32,
                new Shape(count),
                i -> endpoint && i == count - 1 && count > 1 ? stop : start + i * step);
    }
}
