package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * A window sliding over one to three spatial dimensions, always described with three: missing
 * leading ones have size 1.
 *
 * @param input sizes of the spatial dimensions
 * @param kernel sizes of the window
 * @param output how many places the window takes
 */
record WindowGeometry(
        int[] input, int[] kernel, int[] stride, int[] padding, int[] dilation, int[] output) {

    static WindowGeometry of(
            Shape spatial,
            Shape kernel,
            Shape stride,
            Shape padding,
            Shape dilation,
            boolean ceil) {
        int[] input = three(spatial, 1);
        int[] window = three(kernel, 1);
        int[] steps = three(stride, 1);
        int[] pad = three(padding, 0);
        int[] spread = three(dilation, 1);
        int[] output = new int[3];
        for (int i = 0; i < 3; i++) {
            int room = input[i] + 2 * pad[i] - spread[i] * (window[i] - 1) - 1;
            output[i] = (ceil ? Math.ceilDiv(room, steps[i]) : Math.floorDiv(room, steps[i])) + 1;
            // A last window that would start in the padding on the right is dropped.
            if (ceil && (output[i] - 1) * steps[i] >= input[i] + pad[i]) {
                output[i]--;
            }
            if (output[i] < 1) {
                throw new IllegalArgumentException(
                        "a window of shape "
                                + kernel
                                + " does not fit an input of shape "
                                + spatial
                                + " with padding "
                                + padding);
            }
        }
        return new WindowGeometry(input, window, steps, pad, spread, output);
    }

    static int[] three(Shape shape, int missing) {
        int[] result = new int[3];
        Arrays.fill(result, missing);
        int lead = 3 - shape.dimension();
        for (int i = 0; i < shape.dimension(); i++) {
            result[lead + i] = Math.toIntExact(shape.get(i));
        }
        return result;
    }

    int inputSize() {
        return input[0] * input[1] * input[2];
    }

    int outputSize() {
        return output[0] * output[1] * output[2];
    }

    int kernelSize() {
        return kernel[0] * kernel[1] * kernel[2];
    }

    /**
     * Where in the input element {@code tap} of the window lies when the window is at {@code
     * place}; -1 for the padding.
     */
    int position(int place, int tap) {
        int position = 0;
        for (int i = 0; i < 3; i++) {
            int coordinate = coordinate(place, tap, i);
            if (coordinate < 0 || coordinate >= input[i]) {
                return -1;
            }
            position = position * input[i] + coordinate;
        }
        return position;
    }

    /**
     * Whether the tap lies in the input or its declared padding, rather than beyond (which only a
     * rounded-up output reaches).
     */
    boolean isPadded(int place, int tap) {
        for (int i = 0; i < 3; i++) {
            if (coordinate(place, tap, i) >= input[i] + padding[i]) {
                return false;
            }
        }
        return true;
    }

    private int coordinate(int place, int tap, int dimension) {
        return axis(place, output, dimension) * stride[dimension]
                - padding[dimension]
                + axis(tap, kernel, dimension) * dilation[dimension];
    }

    private static int axis(int index, int[] sizes, int dimension) {
        return switch (dimension) {
            case 0 -> index / (sizes[1] * sizes[2]);
            case 1 -> index / sizes[2] % sizes[1];
            default -> index % sizes[2];
        };
    }

    /** The output's spatial shape, with as many dimensions as the input had. */
    Shape outputShape(int dimensions) {
        return new Shape(output[0], output[1], output[2]).slice(3 - dimensions);
    }
}
