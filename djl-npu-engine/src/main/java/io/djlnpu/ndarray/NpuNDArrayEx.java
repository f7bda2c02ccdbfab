package io.djlnpu.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.recurrent.RNN;
import ai.djl.util.RandomUtils;
import java.util.ArrayList;
import java.util.List;

/**
 * What DJL's blocks and image transforms ask of an array beyond {@link NDArray}. The optimisers'
 * updates are refused: this engine does not train.
 */
final class NpuNDArrayEx implements NDArrayEx {

    private final NpuNDArray array;

    NpuNDArrayEx(NpuNDArray array) {
        this.array = array;
    }

    private NpuNDArray wrap(Tensor tensor) {
        return array.result(tensor);
    }

    private Tensor tensor() {
        return array.tensor();
    }

    /** The contents of an array, or null for none. */
    private static Tensor read(NDArray other) {
        return other == null ? null : Buffers.read(other);
    }

    private static UnsupportedOperationException noTraining(String operation) {
        return new UnsupportedOperationException(
                operation
                        + " belongs to training; the NPU engine runs models, it does not train them");
    }

    @Override
    public NpuNDArray getArray() {
        return array;
    }

    @Override
    public NDArray rdivi(NDArray b) {
        return array.become(Arithmetic.div(read(b), tensor()));
    }

    @Override
    public NDArray rmodi(NDArray b) {
        return array.become(Arithmetic.mod(read(b), tensor()));
    }

    @Override
    public NDArray rpowi(Number n) {
        return array.become(Arithmetic.pow(Tensor.ofNumber(n).cast(array.getDataType()), tensor()));
    }

    @Override
    public NDArray relu() {
        return wrap(Activations.relu(tensor()));
    }

    @Override
    public NDArray sigmoid() {
        return wrap(Activations.sigmoid(tensor()));
    }

    @Override
    public NDArray tanh() {
        return array.tanh();
    }

    @Override
    public NDArray softPlus() {
        return wrap(Activations.softPlus(tensor()));
    }

    @Override
    public NDArray softSign() {
        return wrap(Activations.softSign(tensor()));
    }

    @Override
    public NDArray leakyRelu(float alpha) {
        return wrap(Activations.leakyRelu(tensor(), alpha));
    }

    @Override
    public NDArray elu(float alpha) {
        return wrap(Activations.elu(tensor(), alpha));
    }

    @Override
    public NDArray selu() {
        return wrap(Activations.selu(tensor()));
    }

    @Override
    public NDArray gelu() {
        return wrap(Activations.gelu(tensor()));
    }

    @Override
    public NDArray swish(float beta) {
        return wrap(Activations.swish(tensor(), beta));
    }

    @Override
    public NDList prelu(NDArray input, NDArray alpha) {
        return new NDList(wrap(Activations.prelu(read(input), read(alpha))));
    }

    @Override
    public NDArray maxPool(Shape kernelShape, Shape stride, Shape padding, boolean ceilMode) {
        return wrap(Pooling.max(tensor(), kernelShape, stride, padding, ceilMode));
    }

    @Override
    public NDArray globalMaxPool() {
        return wrap(Pooling.globalMax(tensor()));
    }

    @Override
    public NDArray avgPool(
            Shape kernelShape,
            Shape stride,
            Shape padding,
            boolean ceilMode,
            boolean countIncludePad) {
        return wrap(
                Pooling.average(tensor(), kernelShape, stride, padding, ceilMode, countIncludePad));
    }

    @Override
    public NDArray globalAvgPool() {
        return wrap(Pooling.globalAverage(tensor()));
    }

    @Override
    public NDArray lpPool(
            float normType, Shape kernelShape, Shape stride, Shape padding, boolean ceilMode) {
        return wrap(Pooling.power(tensor(), normType, kernelShape, stride, padding, ceilMode));
    }

    @Override
    public NDArray globalLpPool(float normType) {
        return wrap(Pooling.globalPower(tensor(), normType));
    }

    @Override
    public NDList convolution(
            NDArray input,
            NDArray weight,
            NDArray bias,
            Shape stride,
            Shape padding,
            Shape dilation,
            int groups) {
        return new NDList(
                wrap(
                        Convolutions.convolution(
                                read(input),
                                read(weight),
                                read(bias),
                                stride,
                                padding,
                                dilation,
                                groups)));
    }

    @Override
    public NDList deconvolution(
            NDArray input,
            NDArray weight,
            NDArray bias,
            Shape stride,
            Shape padding,
            Shape outPadding,
            Shape dilation,
            int groups) {
        return new NDList(
                wrap(
                        Convolutions.deconvolution(
                                read(input),
                                read(weight),
                                read(bias),
                                stride,
                                padding,
                                outPadding,
                                dilation,
                                groups)));
    }

    @Override
    public NDList linear(NDArray input, NDArray weight, NDArray bias) {
        return new NDList(wrap(Normalizations.linear(read(input), read(weight), read(bias))));
    }

    @Override
    public NDList embedding(NDArray input, NDArray weight, SparseFormat sparseFormat) {
        return new NDList(wrap(Normalizations.embedding(read(input), read(weight))));
    }

    @Override
    public NDList dropout(NDArray input, float rate, boolean training) {
        if (!training) {
            return new NDList(wrap(read(input)));
        }
        Tensor kept = Randoms.uniform(0, 1, input.getShape(), DataType.FLOAT32);
        Tensor mask = ElementWise.real(kept, value -> value < rate ? 0 : 1 / (1 - rate));
        return new NDList(wrap(Arithmetic.mul(read(input), mask)));
    }

    @Override
    public NDList layerNorm(
            NDArray input, Shape normalizedShape, NDArray gamma, NDArray beta, float eps) {
        return new NDList(
                wrap(
                        Normalizations.layer(
                                read(input), normalizedShape, read(gamma), read(beta), eps)));
    }

    @Override
    public NDList batchNorm(
            NDArray input,
            NDArray runningMean,
            NDArray runningVar,
            NDArray gamma,
            NDArray beta,
            int axis,
            float momentum,
            float eps,
            boolean training) {
        if (training) {
            throw noTraining("batchNorm with training = true");
        }
        int channels = axis == -1 ? 1 : axis;
        return new NDList(
                wrap(
                        Normalizations.batch(
                                read(input),
                                read(runningMean),
                                read(runningVar),
                                read(gamma),
                                read(beta),
                                channels,
                                eps)));
    }

    @Override
    public NDList rnn(
            NDArray input,
            NDArray state,
            NDList params,
            boolean hasBiases,
            int numLayers,
            RNN.Activation activation,
            double dropRate,
            boolean training,
            boolean bidirectional,
            boolean batchFirst) {
        RecurrentCell cell =
                activation == RNN.Activation.RELU ? RecurrentCell.RNN_RELU : RecurrentCell.RNN_TANH;
        return recurrent(
                cell,
                input,
                new NDList(state),
                params,
                hasBiases,
                numLayers,
                bidirectional,
                batchFirst);
    }

    @Override
    public NDList gru(
            NDArray input,
            NDArray state,
            NDList params,
            boolean hasBiases,
            int numLayers,
            double dropRate,
            boolean training,
            boolean bidirectional,
            boolean batchFirst) {
        return recurrent(
                RecurrentCell.GRU,
                input,
                new NDList(state),
                params,
                hasBiases,
                numLayers,
                bidirectional,
                batchFirst);
    }

    @Override
    public NDList lstm(
            NDArray input,
            NDList states,
            NDList params,
            boolean hasBiases,
            int numLayers,
            double dropRate,
            boolean training,
            boolean bidirectional,
            boolean batchFirst) {
        return recurrent(
                RecurrentCell.LSTM,
                input,
                states,
                params,
                hasBiases,
                numLayers,
                bidirectional,
                batchFirst);
    }

    private NDList recurrent(
            RecurrentCell cell,
            NDArray input,
            NDList states,
            NDList params,
            boolean hasBiases,
            int numLayers,
            boolean bidirectional,
            boolean batchFirst) {
        List<Tensor> weights = params.stream().map(Buffers::read).toList();
        Recurrent network = new Recurrent(cell, weights, hasBiases, numLayers, bidirectional);
        Tensor sequence = read(input);
        Tensor[] result =
                network.run(
                        batchFirst ? Reorder.swap(sequence, 0, 1) : sequence,
                        states.stream().map(Buffers::read).toArray(Tensor[]::new));
        NDList list = new NDList(wrap(batchFirst ? Reorder.swap(result[0], 0, 1) : result[0]));
        for (int i = 1; i < result.length; i++) {
            list.add(wrap(result[i]));
        }
        return list;
    }

    @Override
    public NDArray toTensor() {
        return wrap(Images.toTensor(tensor()));
    }

    @Override
    public NDArray interpolation(long[] size, int mode, boolean alignCorners) {
        int height = Math.toIntExact(size[0]);
        return wrap(
                Images.interpolate(
                        tensor(),
                        height,
                        Math.toIntExact(size[size.length - 1]),
                        mode,
                        alignCorners));
    }

    @Override
    public NDArray resize(int width, int height, int interpolation) {
        return wrap(Images.resize(tensor(), width, height, interpolation));
    }

    @Override
    public NDArray randomFlipLeftRight() {
        return RandomUtils.nextFloat() < 0.5f
                ? array.flip(array.getShape().dimension() - 2)
                : array.duplicate();
    }

    @Override
    public NDArray randomFlipTopBottom() {
        return RandomUtils.nextFloat() < 0.5f
                ? array.flip(array.getShape().dimension() - 3)
                : array.duplicate();
    }

    @Override
    public NDArray randomBrightness(float brightness) {
        throw noTraining("randomBrightness");
    }

    @Override
    public NDArray randomHue(float hue) {
        throw noTraining("randomHue");
    }

    @Override
    public NDArray randomColorJitter(
            float brightness, float contrast, float saturation, float hue) {
        throw noTraining("randomColorJitter");
    }

    @Override
    public NpuNDArrayIndexer getIndexer(NDManager manager) {
        return new NpuNDArrayIndexer(NpuNDManager.cast(manager));
    }

    @Override
    public NDArray where(NDArray condition, NDArray other) {
        return wrap(Arithmetic.where(read(condition), tensor(), read(other)));
    }

    @Override
    public NDArray stack(NDList arrays, int axis) {
        return wrap(
                Joins.stack(
                        withThis(arrays), Dimensions.axis(axis, array.getShape().dimension() + 1)));
    }

    @Override
    public NDArray concat(NDList arrays, int axis) {
        if (array.isScalar()) {
            throw new IllegalArgumentException("concat takes no scalars; use stack");
        }
        return wrap(
                Joins.concat(
                        withThis(arrays), Dimensions.axis(axis, array.getShape().dimension())));
    }

    private List<Tensor> withThis(NDList arrays) {
        List<Tensor> parts = new ArrayList<>(arrays.size() + 1);
        parts.add(tensor());
        arrays.forEach(other -> parts.add(read(other)));
        return parts;
    }

    @Override
    public NDList multiBoxTarget(
            NDList inputs,
            float iouThreshold,
            float ignoreLabel,
            float negativeMiningRatio,
            float negativeMiningThreshold,
            int minNegativeSamples) {
        throw noTraining("multiBoxTarget");
    }

    @Override
    public NDList multiBoxPrior(
            List<Float> sizes,
            List<Float> ratios,
            List<Float> steps,
            List<Float> offsets,
            boolean clip) {
        return new NDList(
                wrap(MultiBox.priors(array.getShape(), sizes, ratios, steps, offsets, clip)));
    }

    @Override
    public NDList multiBoxDetection(
            NDList inputs,
            boolean clip,
            float threshold,
            int backgroundId,
            float nmsThreshold,
            boolean forceSuppress,
            int nmsTopK) {
        MultiBox decoder =
                new MultiBox(clip, threshold, backgroundId, nmsThreshold, forceSuppress, nmsTopK);
        return new NDList(
                wrap(
                        decoder.detect(
                                read(inputs.get(0)), read(inputs.get(1)), read(inputs.get(2)))));
    }

    @Override
    public void adadeltaUpdate(
            NDList inputs,
            NDList weights,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float rho,
            float epsilon) {
        throw noTraining("adadeltaUpdate");
    }

    @Override
    public void adagradUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float epsilon) {
        throw noTraining("adagradUpdate");
    }

    @Override
    public void adamUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float learningRateBiasCorrection,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float beta1,
            float beta2,
            float epsilon,
            boolean lazyUpdate,
            boolean adamw) {
        throw noTraining("adamUpdate");
    }

    @Override
    public void nagUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float momentum) {
        throw noTraining("nagUpdate");
    }

    @Override
    public void rmspropUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float rho,
            float momentum,
            float epsilon,
            boolean centered) {
        throw noTraining("rmspropUpdate");
    }

    @Override
    public void sgdUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float momentum,
            boolean lazyUpdate) {
        throw noTraining("sgdUpdate");
    }
}
