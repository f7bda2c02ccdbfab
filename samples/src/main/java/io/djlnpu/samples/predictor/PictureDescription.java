package io.djlnpu.samples.predictor;

import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Path;

/** A picture in, its description out. */
public final class PictureDescription {

    private PictureDescription() {}

    /**
     * Describes a picture.
     *
     * @param model ONNX model folder or bundle of a model that sees
     * @param picture PNG or JPEG
     * @return what is to be seen
     * @throws Exception if the model cannot be loaded or run, or the picture not read
     */
    public static String describe(Path model, Path picture) throws Exception {
        Criteria<Image, String> criteria =
                Criteria.builder()
                        .setTypes(Image.class, String.class)
                        .optModelPath(model)
                        .optEngine("NPU")
                        .optArgument(
                                "translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory")
                        .optArgument("temperature", 0)
                        .optArgument("max_new_tokens", 64)
                        .build();
        try (ZooModel<Image, String> zoo = criteria.loadModel();
                Predictor<Image, String> predictor = zoo.newPredictor()) {
            return predictor.predict(ImageFactory.getInstance().fromFile(picture));
        }
    }

    /**
     * Runs the sample.
     *
     * @param args model and picture
     * @throws Exception if the model cannot be loaded or run, or the picture not read
     */
    public static void main(String[] args) throws Exception {
        Arguments.require(args, "MODEL", "PICTURE");
        System.out.println(describe(Path.of(args[0]), Path.of(args[1])));
    }
}
