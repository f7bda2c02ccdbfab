package io.djlnpu.serve;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonObject;
import io.djlnpu.engine.NpuModel;
import io.djlnpu.engine.NpuRuntime;
import io.djlnpu.generate.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/** A model under the name that clients ask for. */
final class ServedModel implements AutoCloseable {

    private final String name;
    private final ZooModel<Input, Output> model;
    private final Admission admission;
    private final ServerMetrics metrics;
    private final Instant loaded = Instant.now();

    private ServedModel(
            String name,
            ZooModel<Input, Output> model,
            Admission admission,
            ServerMetrics metrics) {
        this.metrics = metrics;
        this.name = name;
        this.model = model;
        this.admission = admission;
    }

    static ServedModel load(
            String name, Path path, int threads, Admission admission, ServerMetrics metrics)
            throws Exception {
        ZooModel<Input, Output> model =
                Criteria.builder()
                        .setTypes(Input.class, Output.class)
                        .optModelPath(path)
                        .optEngine("NPU")
                        .optArgument(
                                "translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory")
                        .optOption("threads", String.valueOf(threads))
                        .build()
                        .loadModel();
        return new ServedModel(name, model, admission, metrics);
    }

    String name() {
        return name;
    }

    Instant loaded() {
        return loaded;
    }

    boolean embeds() {
        return runtime().model().config().isEmbedding();
    }

    int maxContext() {
        return runtime().model().maxContext();
    }

    /** The tokenizer of a model that writes. */
    Tokenizer tokenizer() {
        try {
            return runtime().text().tokenizer();
        } catch (IOException e) {
            throw new ApiException(500, null, "'" + name + "': " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest(e.getMessage());
        }
    }

    private NpuRuntime runtime() {
        return NpuModel.runtime(model);
    }

    /**
     * Begins to answer a request, or puts it in line.
     *
     * @throws ApiException 429 if the line is full
     */
    Answering ask(JsonObject request) {
        Answering answering = new Answering(model::newPredictor, request, metrics);
        admission.submit(answering);
        return answering;
    }

    @Override
    public void close() {
        model.close();
    }
}
