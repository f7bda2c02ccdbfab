package io.djlnpu.samples.peer;

import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** An engine of DJL that runs the graph itself: arrays by name in, logits and caches out. */
final class DjlContestant implements Contestant {

    private final String name;
    private final ZooModel<NDList, NDList> model;
    private final Predictor<NDList, NDList> predictor;
    private final List<String> pastNames = new ArrayList<>();
    private final int kvHeads;
    private final int headDim;
    private NDManager step;
    private NDList past;
    private int length;

    DjlContestant(String name, String engine, Path onnx, int kvHeads, int headDim, int threads)
            throws IOException, ModelNotFoundException, MalformedModelException {
        this.name = name;
        this.kvHeads = kvHeads;
        this.headDim = headDim;
        model =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optModelPath(onnx)
                        .optEngine(engine)
                        .optTranslator(new NoopTranslator())
                        .optOption("intraOpNumThreads", Integer.toString(threads))
                        .optOption("interOpNumThreads", "1")
                        .build()
                        .loadModel();
        predictor = model.newPredictor();
        for (String input : model.describeInput().keys()) {
            if (input.startsWith("past_key_values")) {
                pastNames.add(input);
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int prefill(int[] prompt) throws TranslateException {
        release();
        length = 0;
        past = null;
        return forward(prompt);
    }

    @Override
    public int decode(int token) throws TranslateException {
        return forward(new int[] {token});
    }

    private int forward(int[] ids) throws TranslateException {
        NDManager manager = model.getNDManager().newSubManager();
        length += ids.length;
        NDList inputs = new NDList();
        inputs.add(named(manager, Arrays.stream(ids).asLongStream().toArray(), "input_ids"));
        inputs.add(
                named(
                        manager,
                        LongStream.generate(() -> 1).limit(length).toArray(),
                        "attention_mask"));
        for (int i = 0; i < pastNames.size(); i++) {
            NDArray cache = past == null ? empty(manager) : past.get(i);
            cache.setName(pastNames.get(i));
            inputs.add(cache);
        }
        NDList outputs = predictor.predict(inputs);
        outputs.attach(manager);
        past = outputs.subNDList(1); // the graphs list present.* in the order of past_key_values.*
        int best = best(outputs.head());
        release();
        step = manager;
        return best;
    }

    private static NDArray named(NDManager manager, long[] values, String name) {
        NDArray array = manager.create(values, new Shape(1, values.length));
        array.setName(name);
        return array;
    }

    private NDArray empty(NDManager manager) {
        return manager.create(
                FloatBuffer.allocate(0), new Shape(1, kvHeads, 0, headDim), DataType.FLOAT32);
    }

    private static int best(NDArray logits) {
        float[] values = logits.toFloatArray();
        int vocab = Math.toIntExact(logits.getShape().getLastDimension());
        int best = values.length - vocab;
        for (int i = best + 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best - (values.length - vocab);
    }

    private void release() {
        if (step != null) {
            step.close();
            step = null;
        }
    }

    @Override
    public void close() {
        release();
        predictor.close();
        model.close();
    }
}
