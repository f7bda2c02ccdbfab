package io.djlnpu.it.ndarray;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.util.NDImageUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.recurrent.RNN;
import java.util.Map;
import java.util.function.Function;

/** What blocks and image transforms ask of NDArrayEx. */
final class NetworkCases {

    private NetworkCases() {}

    static void addTo(Catalogue catalogue) {
        Map<String, Function<NDArrayEx, Object>> activations = Catalogue.map();
        activations.put("relu", NDArrayEx::relu);
        activations.put("sigmoid", NDArrayEx::sigmoid);
        activations.put("tanh of ex", NDArrayEx::tanh);
        activations.put("softPlus", NDArrayEx::softPlus);
        activations.put("softSign", NDArrayEx::softSign);
        activations.put("leakyRelu", a -> a.leakyRelu(0.1f));
        activations.put("elu", a -> a.elu(1.5f));
        activations.put("selu", NDArrayEx::selu);
        activations.put("gelu", NDArrayEx::gelu);
        activations.put("swish", a -> a.swish(1.2f));
        activations.put("mish", NDArrayEx::mish);
        activations.put("rsub", a -> a.rsub(3));
        activations.put("rsubi", a -> a.rsubi(3));
        activations.put("rdiv", a -> a.rdiv(3));
        activations.put("rdivi", a -> a.rdivi(3));
        activations.put("rmod", a -> a.rmod(3));
        activations.put("rmodi", a -> a.rmodi(3));
        activations.put("rpow", a -> a.rpow(3));
        activations.put("rpowi", a -> a.rpowi(3));
        activations.forEach(
                (name, operation) -> {
                    for (DataType type :
                            new DataType[] {DataType.FLOAT32, DataType.FLOAT64, DataType.INT32}) {
                        catalogue.add(
                                name + " of " + type,
                                m -> Samples.array(m, type, new Shape(2, 5)),
                                a -> operation.apply(a.getNDArrayInternal()));
                    }
                });
        addWindows(catalogue);
        addLayers(catalogue);
        addImages(catalogue);
    }

    private static void addWindows(Catalogue catalogue) {
        Function<NDManager, NDArray> planes =
                m -> Samples.array(m, DataType.FLOAT32, new Shape(2, 4, 7, 6));
        for (int stride = 1; stride <= 2; stride++) {
            for (int padding = 0; padding <= 1; padding++) {
                for (boolean flag : new boolean[] {false, true}) {
                    Shape strides = new Shape(stride, stride);
                    Shape paddings = new Shape(padding, padding);
                    Shape kernel = new Shape(3, 2);
                    String suffix = " stride " + stride + " padding " + padding + " " + flag;
                    catalogue.add(
                            "maxPool" + suffix,
                            planes,
                            a -> a.getNDArrayInternal().maxPool(kernel, strides, paddings, flag));
                    catalogue.add(
                            "avgPool" + suffix,
                            planes,
                            a ->
                                    a.getNDArrayInternal()
                                            .avgPool(kernel, strides, paddings, flag, true));
                    catalogue.add(
                            "avgPool without padding" + suffix,
                            planes,
                            a ->
                                    a.getNDArrayInternal()
                                            .avgPool(kernel, strides, paddings, flag, false));
                    catalogue.add(
                            "lpPool" + suffix,
                            planes,
                            a -> a.getNDArrayInternal().lpPool(2, kernel, strides, paddings, flag));
                    int groups = flag ? 2 : 1;
                    catalogue.add(
                            "convolution" + suffix,
                            planes,
                            m ->
                                    Samples.array(
                                            m, DataType.FLOAT32, new Shape(6, 4 / groups, 3, 2), 5),
                            (a, w) ->
                                    a.getNDArrayInternal()
                                            .convolution(
                                                    w.getManager().from(a.duplicate()),
                                                    w,
                                                    w.getManager().ones(new Shape(6)),
                                                    strides,
                                                    paddings,
                                                    new Shape(1, 2),
                                                    groups));
                    catalogue.add(
                            "deconvolution" + suffix,
                            planes,
                            m ->
                                    Samples.array(
                                            m, DataType.FLOAT32, new Shape(4, 6 / groups, 3, 2), 5),
                            (a, w) ->
                                    a.getNDArrayInternal()
                                            .deconvolution(
                                                    a.duplicate(),
                                                    w,
                                                    null,
                                                    strides,
                                                    paddings,
                                                    new Shape(0, 0),
                                                    new Shape(1, 1),
                                                    groups));
                }
            }
        }
        catalogue.add(
                "convolution 1-d",
                m -> Samples.array(m, DataType.FLOAT32, new Shape(1, 2, 9)),
                m -> Samples.array(m, DataType.FLOAT32, new Shape(3, 2, 3)),
                (a, w) ->
                        a.getNDArrayInternal()
                                .convolution(
                                        a.duplicate(),
                                        w,
                                        null,
                                        new Shape(2),
                                        new Shape(1),
                                        new Shape(1),
                                        1));
        catalogue.add("globalMaxPool", planes, a -> a.getNDArrayInternal().globalMaxPool());
        catalogue.add("globalAvgPool", planes, a -> a.getNDArrayInternal().globalAvgPool());
        catalogue.add("globalLpPool", planes, a -> a.getNDArrayInternal().globalLpPool(2));
        catalogue.add(
                "globalAvgPool 1-d",
                m -> Samples.counting(m, 2, 3, 4),
                a -> a.getNDArrayInternal().globalAvgPool());
    }

    private static void addLayers(Catalogue catalogue) {
        Function<NDManager, NDArray> input =
                m -> Samples.array(m, DataType.FLOAT32, new Shape(3, 2, 4));
        catalogue.add(
                "linear",
                input,
                m -> Samples.array(m, DataType.FLOAT32, new Shape(5, 4), 2),
                (a, w) ->
                        a.getNDArrayInternal()
                                .linear(a.duplicate(), w, w.getManager().ones(new Shape(5))));
        catalogue.add(
                "linear without bias",
                input,
                m -> Samples.array(m, DataType.FLOAT32, new Shape(5, 4), 2),
                (a, w) -> a.getNDArrayInternal().linear(a.duplicate(), w, null));
        catalogue.add(
                "embedding",
                m -> m.create(new long[][] {{1, 0}, {2, 2}}),
                m -> Samples.counting(m, 3, 4),
                (a, w) -> w.getNDArrayInternal().embedding(a.duplicate(), w, SparseFormat.DENSE));
        catalogue.add(
                "dropout", input, a -> a.getNDArrayInternal().dropout(a.duplicate(), 0.5f, false));
        catalogue.add(
                "prelu",
                input,
                m -> m.create(new float[] {0.25f}),
                (a, alpha) -> a.getNDArrayInternal().prelu(a.duplicate(), alpha));
        catalogue.add(
                "layerNorm",
                input,
                m -> Samples.array(m, DataType.FLOAT32, new Shape(4)),
                (a, g) ->
                        a.getNDArrayInternal()
                                .layerNorm(a.duplicate(), new Shape(4), g, g.onesLike(), 1e-5f));
        for (int axis : new int[] {1, -1, 2}) {
            catalogue.add(
                    "batchNorm axis " + axis,
                    input,
                    m -> m.create(axis == 2 ? new float[] {1, 2, 3, 4} : new float[] {1, 2}),
                    (a, v) ->
                            a.getNDArrayInternal()
                                    .batchNorm(
                                            a.duplicate(),
                                            v.mul(0.5f),
                                            v,
                                            v.add(1),
                                            v.neg(),
                                            axis,
                                            0.9f,
                                            1e-5f,
                                            false));
        }
        for (boolean bidirectional : new boolean[] {false, true}) {
            for (boolean batchFirst : new boolean[] {false, true}) {
                for (String cell : new String[] {"tanh", "relu", "gru", "lstm"}) {
                    catalogue.add(
                            "recurrent " + cell + " " + bidirectional + " " + batchFirst,
                            input,
                            a -> recurrent(a, cell, bidirectional, batchFirst));
                }
            }
        }
    }

    private static NDList recurrent(
            NDArray watched, String cell, boolean bidirectional, boolean batchFirst) {
        NDArray input = watched.duplicate();
        NDManager m = input.getManager();
        int gates = cell.equals("lstm") ? 4 : cell.equals("gru") ? 3 : 1;
        int directions = bidirectional ? 2 : 1;
        int hidden = 3;
        NDList params = new NDList();
        for (int layer = 0; layer < 2; layer++) {
            for (int direction = 0; direction < directions; direction++) {
                long width = layer == 0 ? 4 : (long) hidden * directions;
                int seed = layer * 5 + direction;
                params.add(
                        Samples.array(
                                        m,
                                        DataType.FLOAT32,
                                        new Shape((long) gates * hidden, width),
                                        seed)
                                .mul(0.2f));
                params.add(
                        Samples.array(
                                        m,
                                        DataType.FLOAT32,
                                        new Shape((long) gates * hidden, hidden),
                                        seed + 1)
                                .mul(0.2f));
                params.add(
                        Samples.array(
                                m, DataType.FLOAT32, new Shape((long) gates * hidden), seed + 2));
                params.add(
                        Samples.array(
                                m, DataType.FLOAT32, new Shape((long) gates * hidden), seed + 3));
            }
        }
        NDArray state = m.ones(new Shape(2L * directions, batchFirst ? 3 : 2, hidden));
        NDArrayEx ex = input.getNDArrayInternal();
        return switch (cell) {
            case "lstm" ->
                    ex.lstm(
                            input,
                            new NDList(state, state.mul(0.5f)),
                            params,
                            true,
                            2,
                            0,
                            false,
                            bidirectional,
                            batchFirst);
            case "gru" ->
                    ex.gru(input, state, params, true, 2, 0, false, bidirectional, batchFirst);
            default ->
                    ex.rnn(
                            input,
                            state,
                            params,
                            true,
                            2,
                            cell.equals("relu") ? RNN.Activation.RELU : RNN.Activation.TANH,
                            0,
                            false,
                            bidirectional,
                            batchFirst);
        };
    }

    private static void addImages(Catalogue catalogue) {
        Function<NDManager, NDArray> picture =
                m -> Samples.counting(m, 6, 5, 3).mul(29).mod(256).toType(DataType.UINT8, false);
        for (Image.Interpolation mode :
                new Image.Interpolation[] {
                    Image.Interpolation.NEAREST,
                    Image.Interpolation.BILINEAR,
                    Image.Interpolation.AREA,
                    Image.Interpolation.BICUBIC
                }) {
            for (int[] size : new int[][] {{10, 9}, {3, 2}, {5, 6}}) {
                catalogue.add(
                        "resize " + mode + " to " + size[0] + "x" + size[1],
                        m -> picture.apply(m).toType(DataType.FLOAT32, false),
                        a -> NDImageUtils.resize(a.duplicate(), size[0], size[1], mode));
            }
        }
        catalogue.add("resize of bytes", picture, a -> NDImageUtils.resize(a.duplicate(), 4, 4));
        catalogue.add("toTensor", picture, a -> NDImageUtils.toTensor(a.duplicate()));
        catalogue.add(
                "normalize image",
                picture,
                a ->
                        NDImageUtils.normalize(
                                NDImageUtils.toTensor(a.duplicate()),
                                new float[] {0.1f, 0.2f, 0.3f},
                                new float[] {0.5f, 0.6f, 0.7f}));
        catalogue.add("crop", picture, a -> NDImageUtils.crop(a.duplicate(), 1, 2, 3, 2));
        catalogue.add("centerCrop", picture, a -> NDImageUtils.centerCrop(a.duplicate(), 3, 3));
        catalogue.add("rotate image", picture, a -> NDImageUtils.rotate90(a.duplicate(), 1));
        catalogue.add(
                "interpolation",
                m -> Samples.counting(m, 1, 2, 4, 4),
                a -> a.getNDArrayInternal().interpolation(new long[] {6, 7}, 1, false));
    }
}
