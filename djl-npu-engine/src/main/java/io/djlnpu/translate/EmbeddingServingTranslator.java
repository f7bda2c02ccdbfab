package io.djlnpu.translate;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.BytesSupplier;
import io.djlnpu.engine.EmbeddingPipeline;
import io.djlnpu.engine.EmbeddingPipeline.Options;
import java.io.IOException;

/** DJL Serving's requests for embeddings and their answers, as JSON. */
final class EmbeddingServingTranslator extends AnswerTranslator<Input, Output> {

    private final EmbeddingPipeline embeddings;
    private final Options defaults;
    private final String modelName;

    EmbeddingServingTranslator(EmbeddingPipeline embeddings, Options defaults, String modelName) {
        this.embeddings = embeddings;
        this.defaults = defaults;
        this.modelName = modelName;
    }

    @Override
    Output whole(Input input, NpuMetrics metrics) throws IOException {
        try {
            EmbeddingRequest request =
                    EmbeddingRequest.read(
                            ServingRequest.parse(input).request(), embeddings, defaults);
            String json = request.answer(embeddings, modelName).toString();
            return ServingTranslator.output("application/json", BytesSupplier.wrap(json));
        } catch (IllegalArgumentException e) {
            return ServingTranslator.refusal(e);
        }
    }

    @Override
    StreamOutput<Output> stream(Input input) throws IOException {
        return ready(whole(input, new NpuMetrics(null)));
    }
}
