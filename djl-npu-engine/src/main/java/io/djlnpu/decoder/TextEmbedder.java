package io.djlnpu.decoder;

import io.djlnpu.kernel.KernelContext;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns texts into vectors: all tokens of a text through the layers at once, pooled, and through
 * the model's dense layers. Short texts go side by side and do not see each other.
 *
 * <p><b>Numerics</b>: a text gets the same bits whatever texts are beside it. What the layers
 * exchange is narrowed as the model's numerics say; pooling and what follows it is float32. Not
 * thread-safe; several embedders of a model may run at the same time.
 */
public final class TextEmbedder implements AutoCloseable {

    private final DecoderModel model;
    private final EncoderWeights weights;
    private final EmbeddingOutput output;
    private final Arena arena = Arena.ofShared();
    private EncoderPass pass;

    /** Takes weights, the model's own or others. */
    TextEmbedder(DecoderModel model, EncoderWeights weights) {
        this.model = model;
        this.weights = weights;
        KernelContext exact =
                new KernelContext(
                        model.options().device(), model.executor(), model.simd(), false, arena);
        output =
                new EmbeddingOutput(
                        exact, model.config().embedding().orElseThrow(), weights.dense());
        pass = new EncoderPass(model, weights, Math.min(rows(), model.maxContext()));
    }

    private int rows() {
        return model.options().prefillChunk();
    }

    /**
     * Returns the numbers of a vector.
     *
     * @return the width of the last dense layer, or of the hidden states
     */
    public int width() {
        return model.config().embedding().orElseThrow().width(model.config().hiddenSize());
    }

    /**
     * Embeds texts.
     *
     * @param texts token ids of each, at least one, with all that the model expects around them
     * @return a vector for each text, as long as {@link #width} says
     * @throws IllegalArgumentException if a text is empty or longer than the context, or an id is
     *     not in the vocabulary
     */
    public List<float[]> embed(List<int[]> texts) {
        return embed(texts, false).stream().map(Embedded::vector).toList();
    }

    /**
     * Embeds texts and keeps their hidden states.
     *
     * @param texts as {@link #embed}
     * @return what each came to
     * @throws IllegalArgumentException as {@link #embed}
     */
    public List<Embedded> embedWithStates(List<int[]> texts) {
        return embed(texts, true);
    }

    /**
     * What a text came to.
     *
     * @param vector as long as {@link #width} says
     * @param states the last hidden states, {@code [tokens, hidden]} row by row, after the final
     *     norm; null unless asked for
     */
    public record Embedded(float[] vector, float[] states) {}

    private List<Embedded> embed(List<int[]> texts, boolean keepStates) {
        texts.forEach(this::check);
        int hidden = model.config().hiddenSize();
        List<float[]> pooled = new ArrayList<>();
        List<float[]> kept = new ArrayList<>();
        for (int next = 0; next < texts.size(); ) {
            int end = fitting(texts, next);
            for (float[] states : run(texts.subList(next, end))) {
                pooled.add(output.pool(states, hidden));
                kept.add(keepStates ? states : null);
            }
            next = end;
        }
        List<float[]> vectors = output.finish(pooled);
        List<Embedded> embedded = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            embedded.add(new Embedded(vectors.get(i), kept.get(i)));
        }
        return embedded;
    }

    /**
     * Shortens a vector as Matryoshka models are trained for: its first numbers, given length 1.
     *
     * @param vector a vector
     * @param width how many numbers are kept
     * @return a new vector; one of zeros stays so
     */
    public static float[] shortened(float[] vector, int width) {
        return EmbeddingOutput.shortened(vector, width);
    }

    /**
     * Computes the last hidden states of a text, after the final norm.
     *
     * @param ids token ids
     * @return {@code [tokens, hidden]}, row by row
     * @throws IllegalArgumentException as {@link #embed}
     */
    public float[] hiddenStates(int[] ids) {
        check(ids);
        return run(List.of(ids)).getFirst();
    }

    private List<float[]> run(List<int[]> texts) {
        int longest = texts.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        if (longest > pass.capacity()) {
            pass.close();
            pass = new EncoderPass(model, weights, longest);
        }
        return pass.run(texts);
    }

    /** As many texts from {@code next} on as go side by side, one at least. */
    private int fitting(List<int[]> texts, int next) {
        int end = next;
        int tokens = 0;
        while (end < texts.size() && end - next < EncoderPass.MOST_TEXTS) {
            tokens += texts.get(end).length;
            if (end > next && tokens > pass.capacity()) {
                break;
            }
            end++;
        }
        return end;
    }

    private void check(int[] ids) {
        if (ids.length == 0) {
            throw new IllegalArgumentException("an empty text; it has one token at least");
        }
        if (ids.length > model.maxContext()) {
            throw new IllegalArgumentException(
                    "a text of %d tokens, the limit is %d; cut it, or ask for that with truncate"
                            .formatted(ids.length, model.maxContext()));
        }
        for (int id : ids) {
            if (id < 0 || id >= model.config().vocabSize()) {
                throw new IllegalArgumentException(
                        "token " + id + ", expected 0 to " + (model.config().vocabSize() - 1));
            }
        }
    }

    /** Frees the memory. */
    @Override
    public void close() {
        pass.close();
        model.executor().free(arena);
    }
}
