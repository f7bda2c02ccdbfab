package io.djlnpu.samples.predictor;

import ai.djl.inference.Predictor;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.VisionLanguageInput;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.djlnpu.engine.TokenStream;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A picture and a question about it in, the answer piece by piece as it comes. */
public final class PictureQuestion {

    private PictureQuestion() {}

    /**
     * Answers a question about a picture.
     *
     * @param model ONNX model folder or bundle of a model that sees
     * @param picture PNG or JPEG
     * @param question what to ask
     * @param piece receives each piece of the answer
     * @throws Exception if the model cannot be loaded or run, or the picture not read
     */
    public static void ask(Path model, Path picture, String question, Consumer<String> piece)
            throws Exception {
        Criteria<VisionLanguageInput, TokenStream> criteria =
                Criteria.builder()
                        .setTypes(VisionLanguageInput.class, TokenStream.class)
                        .optModelPath(model)
                        .optEngine("NPU")
                        .optArgument(
                                "translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory")
                        .optArgument("temperature", 0)
                        .optArgument("max_new_tokens", 64)
                        .build();
        try (ZooModel<VisionLanguageInput, TokenStream> zoo = criteria.loadModel();
                Predictor<VisionLanguageInput, TokenStream> predictor = zoo.newPredictor()) {
            VisionLanguageInput input =
                    new VisionLanguageInput(ImageFactory.getInstance().fromFile(picture), question);
            try (TokenStream answer = predictor.streamingPredict(input).getIterativeOutput()) {
                answer.forEachRemaining(piece);
            }
        }
    }

    /**
     * Runs the sample.
     *
     * @param args model, picture and question
     * @throws Exception if the model cannot be loaded or run, or the picture not read
     */
    public static void main(String[] args) throws Exception {
        Arguments.require(args, "MODEL", "PICTURE", "QUESTION");
        ask(Path.of(args[0]), Path.of(args[1]), args[2], System.out::print);
        System.out.println();
    }
}
