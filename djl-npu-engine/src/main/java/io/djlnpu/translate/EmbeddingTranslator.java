package io.djlnpu.translate;

import io.djlnpu.engine.EmbeddingPipeline;
import io.djlnpu.engine.EmbeddingPipeline.Options;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/**
 * A text, or several, to vectors.
 *
 * @param <I> a text or an array of them
 * @param <O> a vector or an array of them
 */
final class EmbeddingTranslator<I, O> extends AnswerTranslator<I, O> {

    private final EmbeddingPipeline embeddings;
    private final Options options;
    private final Function<I, List<String>> texts;
    private final Function<List<float[]>, O> output;

    private EmbeddingTranslator(
            EmbeddingPipeline embeddings,
            Options options,
            Function<I, List<String>> texts,
            Function<List<float[]>, O> output) {
        this.embeddings = embeddings;
        this.options = options;
        this.texts = texts;
        this.output = output;
    }

    static EmbeddingTranslator<String, float[]> one(EmbeddingPipeline embeddings, Options options) {
        return new EmbeddingTranslator<>(embeddings, options, List::of, List::getFirst);
    }

    static EmbeddingTranslator<String[], float[][]> many(
            EmbeddingPipeline embeddings, Options options) {
        return new EmbeddingTranslator<>(
                embeddings, options, List::of, vectors -> vectors.toArray(float[][]::new));
    }

    @Override
    O whole(I input, NpuMetrics metrics) throws IOException {
        return output.apply(embeddings.embed(texts.apply(input), options).vectors());
    }

    @Override
    StreamOutput<O> stream(I input) throws IOException {
        return ready(whole(input, new NpuMetrics(null)));
    }
}
