package io.djlnpu.engine;

import io.djlnpu.bundle.EmbeddingHead;
import io.djlnpu.decoder.TextEmbedder;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.generate.EmbeddingTokenizer;
import io.djlnpu.generate.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * From texts to vectors with one loaded model: its tokenizer, its prompts, and what computes. One
 * for all predictors of a model; safe for many threads.
 */
public final class EmbeddingPipeline implements AutoCloseable {

    private static final int MOST_IDLE = 2;

    /**
     * How texts are embedded.
     *
     * @param promptKind whose prompt is put before a text; empty for none
     * @param dimensions numbers of a vector: the first so many, given length 1 again; 0 for all
     * @param truncate whether a text that is longer than the context is cut, or refused
     */
    public record Options(String promptKind, int dimensions, boolean truncate) {

        /** No prompt, all numbers, and what is too long is refused. */
        public static final Options PLAIN = new Options("", 0, false);
    }

    /**
     * Texts as vectors.
     *
     * @param vectors one for each text
     * @param tokens tokens of all texts
     */
    public record Result(List<float[]> vectors, int tokens) {}

    private final NpuRuntime runtime;
    private final EmbeddingHead head;
    private final Deque<TextEmbedder> idle = new ArrayDeque<>();
    private Tokenizer tokenizer;

    EmbeddingPipeline(NpuRuntime runtime) {
        this.runtime = runtime;
        head = runtime.model().config().embedding().orElseThrow();
    }

    /**
     * Returns what is put before a text by the kinds of texts that the model knows.
     *
     * @return prompts by kind, in the model's order
     */
    public Map<String, String> prompts() {
        return head.prompts();
    }

    /**
     * Turns a text into tokens.
     *
     * @param text any text
     * @param options its prompt, and what is done if it is too long
     * @return ids with all that the model expects around them
     * @throws IllegalArgumentException if the model knows no such prompt
     * @throws IOException if the model's folder has no usable tokenizer
     */
    public int[] tokenize(String text, Options options) throws IOException {
        return texts().encode(text, options.promptKind(), options.truncate());
    }

    private synchronized EmbeddingTokenizer texts() throws IOException {
        if (tokenizer == null) {
            tokenizer = Tokenizer.open(runtime.bundle().folder());
        }
        return new EmbeddingTokenizer(
                runtime.model().config(), runtime.model().maxContext(), tokenizer);
    }

    /**
     * Embeds texts.
     *
     * @param texts any number of them
     * @param options how
     * @return their vectors
     * @throws IllegalArgumentException if a text is too long and not to be cut, the model knows no
     *     such prompt, or has not so many numbers
     * @throws IOException if the model's folder has no usable tokenizer
     */
    public Result embed(List<String> texts, Options options) throws IOException {
        List<int[]> ids = new ArrayList<>();
        for (String text : texts) {
            ids.add(tokenize(text, options));
        }
        return embedTokens(ids, options);
    }

    /**
     * Embeds texts that are tokens already.
     *
     * @param texts ids of each, with all that the model expects around them
     * @param options how; the prompt is not put before tokens
     * @return their vectors
     * @throws IllegalArgumentException as {@link #embed}
     */
    public Result embedTokens(List<int[]> texts, Options options) {
        int width = head.width(runtime.model().config().hiddenSize());
        int dimensions = options.dimensions() == 0 ? width : options.dimensions();
        if (dimensions < 1 || dimensions > width) {
            throw new IllegalArgumentException(
                    "dimensions %d, expected 1 to %d, the numbers of this model's vectors"
                            .formatted(dimensions, width));
        }
        int most = options.truncate() ? runtime.model().maxContext() : Integer.MAX_VALUE;
        List<int[]> whole = texts.stream().map(ids -> EmbeddingTokenizer.cut(ids, most)).toList();
        List<float[]> vectors = runtime.step(model -> run(whole));
        if (dimensions < width) {
            vectors = vectors.stream().map(v -> TextEmbedder.shortened(v, dimensions)).toList();
        }
        return new Result(vectors, whole.stream().mapToInt(ids -> ids.length).sum());
    }

    private List<float[]> run(List<int[]> texts) {
        TextEmbedder embedder = lease();
        try {
            return embedder.embed(texts);
        } finally {
            giveBack(embedder);
        }
    }

    /** Hands out an embedder; called within a step. */
    TextEmbedder lease() {
        synchronized (idle) {
            if (!idle.isEmpty()) {
                return idle.pop();
            }
        }
        try {
            return runtime.model().newEmbedder();
        } catch (ModelFormatException e) {
            throw new UncheckedIOException(e);
        }
    }

    void giveBack(TextEmbedder embedder) {
        synchronized (idle) {
            if (idle.size() < MOST_IDLE) {
                idle.push(embedder);
                return;
            }
        }
        embedder.close();
    }

    @Override
    public synchronized void close() {
        synchronized (idle) {
            idle.forEach(TextEmbedder::close);
            idle.clear();
        }
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
