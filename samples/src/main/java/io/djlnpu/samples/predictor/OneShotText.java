package io.djlnpu.samples.predictor;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Path;

/** One prompt in, one text out. Arguments: model folder, prompt. */
public final class OneShotText {

    private OneShotText() {}

    /**
     * Runs the sample.
     *
     * @param args model folder (ONNX or bundle) and prompt
     * @throws Exception if the model cannot be loaded or run
     */
    public static void main(String[] args) throws Exception {
        Criteria<String, String> criteria =
                Criteria.builder()
                        .setTypes(String.class, String.class)
                        .optModelPath(Path.of(args[0]))
                        .optEngine("NPU")
                        .optOption("maxNewTokens", "64")
                        .build();
        try (ZooModel<String, String> model = criteria.loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            System.out.println(predictor.predict(args[1]));
        }
    }
}
