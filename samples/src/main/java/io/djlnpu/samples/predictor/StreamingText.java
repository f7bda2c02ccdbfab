package io.djlnpu.samples.predictor;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.djlnpu.engine.TokenStream;
import java.nio.file.Path;
import java.util.function.Consumer;

/** One prompt in, the answer piece by piece as it comes. */
public final class StreamingText {

    private StreamingText() {}

    /**
     * Completes a prompt.
     *
     * @param model ONNX model folder, {@code .onnx} file, or bundle
     * @param prompt the beginning of a text
     * @param piece receives each piece of the continuation
     * @throws Exception if the model cannot be loaded or run
     */
    public static void complete(Path model, String prompt, Consumer<String> piece)
            throws Exception {
        Criteria<String, TokenStream> criteria =
                Criteria.builder()
                        .setTypes(String.class, TokenStream.class)
                        .optModelPath(model)
                        .optEngine("NPU")
                        .optArgument(
                                "translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory")
                        .optArgument("max_new_tokens", 64)
                        .build();
        try (ZooModel<String, TokenStream> zoo = criteria.loadModel();
                Predictor<String, TokenStream> predictor = zoo.newPredictor();
                TokenStream answer = predictor.streamingPredict(prompt).getIterativeOutput()) {
            answer.forEachRemaining(piece);
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
        complete(Path.of(args[0]), args[1], System.out::print);
        System.out.println();
    }
}
