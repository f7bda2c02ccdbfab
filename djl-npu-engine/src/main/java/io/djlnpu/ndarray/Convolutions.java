package io.djlnpu.ndarray;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Convolution and its transpose over one to three spatial dimensions, channels first; sums in
 * double.
 */
final class Convolutions {

    private Convolutions() {}

    /** Input [N, C, ...], weight [outputs, C / groups, ...], bias [outputs] or null. */
    static Tensor convolution(
            Tensor input,
            Tensor weight,
            Tensor bias,
            Shape stride,
            Shape padding,
            Shape dilation,
            int groups) {
        Shape kernel = weight.shape().slice(2);
        WindowGeometry window =
                WindowGeometry.of(input.shape().slice(2), kernel, stride, padding, dilation, false);
        int batch = (int) input.shape().get(0);
        int channels = (int) input.shape().get(1);
        int outputs = (int) weight.shape().get(0);
        int perGroup = channels / groups;
        if (weight.shape().get(1) != perGroup || outputs % groups != 0) {
            throw new IllegalArgumentException(
                    "convolution: input of shape "
                            + input.shape()
                            + " and weight of shape "
                            + weight.shape()
                            + " do not fit in "
                            + groups
                            + " groups");
        }
        float[] source = input.floats();
        float[] weights = weight.floats();
        int places = window.outputSize();
        int taps = window.kernelSize();
        Tensor result =
                Tensor.allocate(
                        Casts.floating(input.type()),
                        new Shape(batch, outputs).addAll(window.outputShape(kernel.dimension())));
        double[] sums = new double[places];
        for (int row = 0; row < batch * outputs; row++) {
            int output = row % outputs;
            int firstChannel = output / (outputs / groups) * perGroup;
            Arrays.fill(sums, bias == null ? 0 : bias.getDouble(output));
            for (int channel = 0; channel < perGroup; channel++) {
                int plane =
                        (row / outputs * channels + firstChannel + channel) * window.inputSize();
                for (int tap = 0; tap < taps; tap++) {
                    double factor = weights[(output * perGroup + channel) * taps + tap];
                    for (int place = 0; place < places; place++) {
                        int position = window.position(place, tap);
                        sums[place] += position < 0 ? 0 : factor * source[plane + position];
                    }
                }
            }
            for (int place = 0; place < places; place++) {
                result.data().setDouble(row * places + place, sums[place]);
            }
        }
        return result;
    }

    /** The transpose of a convolution: input [N, C, ...], weight [C, outputs / groups, ...]. */
    static Tensor deconvolution(
            Tensor input,
            Tensor weight,
            Tensor bias,
            Shape stride,
            Shape padding,
            Shape outputPadding,
            Shape dilation,
            int groups) {
        Shape kernel = weight.shape().slice(2);
        int dimensions = kernel.dimension();
        long[] grown = new long[dimensions];
        for (int i = 0; i < dimensions; i++) {
            grown[i] =
                    (input.shape().get(i + 2) - 1) * stride.get(i)
                            - 2 * padding.get(i)
                            + dilation.get(i) * (kernel.get(i) - 1)
                            + outputPadding.get(i)
                            + 1;
        }
        // The convolution that leads from the output back to the input names which output each
        // input reaches.
        WindowGeometry window =
                WindowGeometry.of(new Shape(grown), kernel, stride, padding, dilation, false);
        int batch = (int) input.shape().get(0);
        int channels = (int) input.shape().get(1);
        int perGroup = (int) weight.shape().get(1);
        int outputs = perGroup * groups;
        int taps = window.kernelSize();
        double[] sums = new double[batch * outputs * window.inputSize()];
        for (int i = 0; i < input.size(); i++) {
            int place = i % window.outputSize();
            int channel = i / window.outputSize() % channels;
            int group = channel / (channels / groups);
            int item = i / window.outputSize() / channels;
            for (int output = 0; output < perGroup; output++) {
                int plane = (item * outputs + group * perGroup + output) * window.inputSize();
                for (int tap = 0; tap < taps; tap++) {
                    int position = window.position(place, tap);
                    if (position >= 0) {
                        sums[plane + position] +=
                                input.getDouble(i)
                                        * weight.getDouble(
                                                (channel * perGroup + output) * taps + tap);
                    }
                }
            }
        }
        return Tensor.fill(
                Casts.floating(input.type()),
                new Shape(batch, outputs).addAll(new Shape(grown)),
                i ->
                        sums[i]
                                + (bias == null
                                        ? 0
                                        : bias.getDouble(i / window.inputSize() % outputs)));
    }
}
