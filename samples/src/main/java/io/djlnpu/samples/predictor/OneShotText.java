package io.djlnpu.samples.predictor;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Path;

/** One prompt in, one text out. */
public final class OneShotText {

    private OneShotText() {}

    /**
     * Completes a prompt.
     *
     * @param model ONNX model folder, {@code .onnx} file, or bundle
     * @param prompt the beginning of a text
     * @return its continuation
     * @throws Exception if the model cannot be loaded or run
     */
    public static String complete(Path model, String prompt) throws Exception {
        Criteria<String, String> criteria =
                Criteria.builder()
                        .setTypes(String.class, String.class)
                        .optModelPath(model)
                        .optEngine("NPU")
                        .optArgument(
                                "translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory")
                        .optArgument("max_new_tokens", 64)
                        .build();
        try (ZooModel<String, String> zoo = criteria.loadModel();
                Predictor<String, String> predictor = zoo.newPredictor()) {
            return predictor.predict(prompt);
        }
    }

    /**
     * Runs the sample.
     *
     * @param args model and prompt
     * @throws Exception if the model cannot be loaded or run
     */
    public static void main(String[] args) throws Exception {
        Arguments.require(args, "MODEL", "PROMPT");
        System.out.println(complete(Path.of(args[0]), args[1]));
    }
}
