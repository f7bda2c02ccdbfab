package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.DeferredTranslatorFactory;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle says by itself which engine and translator it wants. */
class BundleDefaultsIT {

    @TempDir Path folder;

    private Path bundle;

    @BeforeEach
    void convert() throws Exception {
        bundle = folder.resolve("bundle");
        try (OnnxDecoder model = OnnxDecoder.open(ShippedModel.folder())) {
            BundleOptions options = BundleOptions.defaults();
            BundleWriter.write(model, bundle, options.withCompanions(model.companionFiles()));
        }
    }

    @Test
    void answersTextWithADeferredTranslator() throws Exception {
        Criteria<String, String> criteria =
                Criteria.builder()
                        .setTypes(String.class, String.class)
                        .optModelPath(bundle)
                        .optTranslatorFactory(new DeferredTranslatorFactory())
                        .build();
        try (ZooModel<String, String> model = criteria.loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            assertThat(predictor.predict("Once upon a time")).isNotBlank();
        }
    }

    @Test
    void answersJsonWithNothingSaid() throws Exception {
        Criteria<Input, Output> criteria =
                Criteria.builder().setTypes(Input.class, Output.class).optModelPath(bundle).build();
        try (ZooModel<Input, Output> model = criteria.loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            Input input = new Input();
            input.add(
                    "{\"inputs\": \"Once upon a time\", \"parameters\": {\"max_new_tokens\": 8}}");
            input.addProperty("Content-Type", "application/json");
            assertThat(predictor.predict(input).getAsString(0)).contains("generated_text");
        }
    }
}
