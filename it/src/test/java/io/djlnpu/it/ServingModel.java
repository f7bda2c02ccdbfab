package io.djlnpu.it;

import ai.djl.ModelException;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.translate.NpuTranslatorFactory;
import java.io.IOException;
import java.nio.file.Path;

/** The shipped model behind DJL Serving's types, asked in JSON. */
final class ServingModel implements AutoCloseable {

    private final ZooModel<Input, Output> model;
    private final Predictor<Input, Output> predictor;

    ServingModel(Path cache) throws Exception {
        System.setProperty("DJL_CACHE_DIR", cache.toString());
        model = criteria(Input.class, Output.class).loadModel();
        predictor = model.newPredictor();
    }

    static <I, O> Criteria<I, O> criteria(Class<I> input, Class<O> output) throws Exception {
        return Criteria.builder()
                .setTypes(input, output)
                .optModelPath(ShippedModel.folder())
                .optEngine("NPU")
                .optTranslatorFactory(new NpuTranslatorFactory())
                .optOption("threads", "2")
                .build();
    }

    Output send(String json) throws TranslateException {
        Input input = new Input();
        input.addProperty("Content-Type", "application/json");
        input.add(json.replace('\'', '"'));
        return predictor.predict(input);
    }

    /** The answer to a request that is written with single quotes. */
    JsonElement ask(String json) throws TranslateException {
        Output output = send(json);
        if (output.getCode() != 200) {
            throw new AssertionError(output.getMessage());
        }
        return JsonParser.parseString(output.getData().getAsString());
    }

    /** Continues a story with the given parameters. */
    JsonObject story(String parameters) throws TranslateException {
        return ask("{'inputs': 'Once upon a time', 'parameters': {'details': true, "
                        + parameters
                        + "}}")
                .getAsJsonObject();
    }

    @Override
    public void close() throws IOException, ModelException {
        predictor.close();
        model.close();
        System.clearProperty("DJL_CACHE_DIR");
    }
}
