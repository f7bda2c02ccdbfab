package io.djlnpu.generate;

import io.djlnpu.decoder.DecoderModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Starts answers. Safe for many threads; each {@link Generation} belongs to the thread that
 * iterates over it. Model, tokenizer and cache stay the caller's.
 */
public final class TextGenerator {

    private final DecoderModel model;
    private final Tokenizer tokenizer;
    private final PromptCache cache;

    /**
     * Makes a generator that computes every prompt anew.
     *
     * @param model the model
     * @param tokenizer its tokenizer
     */
    public TextGenerator(DecoderModel model, Tokenizer tokenizer) {
        this(model, tokenizer, new PromptCache(model, 0));
    }

    /**
     * Makes a generator that reuses what another prompt began with.
     *
     * @param model the model
     * @param tokenizer its tokenizer
     * @param cache sessions of the same model
     */
    public TextGenerator(DecoderModel model, Tokenizer tokenizer, PromptCache cache) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.cache = cache;
    }

    /**
     * Returns the model.
     *
     * @return the model
     */
    public DecoderModel model() {
        return model;
    }

    /**
     * Returns the tokenizer.
     *
     * @return the tokenizer
     */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * Starts an answer. Nothing is computed before the first token is asked for.
     *
     * @param promptIds the prompt, {@code <bos>} included
     * @param config how to answer
     * @return the answer as it comes, the caller's to close
     * @throws IllegalArgumentException if the prompt is empty, does not fit into the context, or
     *     holds an id that is not in the vocabulary
     */
    public Generation start(int[] promptIds, GenerationConfig config) {
        return start(PromptTokens.of(promptIds), config);
    }

    /**
     * Starts an answer to a prompt with images. Nothing is computed before the first token is asked
     * for; an image that an earlier prompt began with is not looked at again.
     *
     * @param prompt the prompt, {@code <bos>} included
     * @param config how to answer
     * @return the answer as it comes, the caller's to close
     * @throws IllegalArgumentException as {@link #start(int[], GenerationConfig)}
     */
    public Generation start(PromptTokens prompt, GenerationConfig config) {
        return start(prompt, config, () -> false);
    }

    /**
     * Starts an answer that somebody may lose interest in.
     *
     * @param prompt the prompt, {@code <bos>} included
     * @param config how to answer
     * @param cancelled asked before each token, and before each chunk of the prompt, whether the
     *     answer is to end; cheap
     * @return the answer as it comes, the caller's to close
     * @throws IllegalArgumentException as {@link #start(int[], GenerationConfig)}
     */
    public Generation start(
            PromptTokens prompt, GenerationConfig config, BooleanSupplier cancelled) {
        check(prompt);
        return new Generation(this, new CachedPrompt(cache, model, prompt), config, cancelled);
    }

    /**
     * Starts {@link GenerationConfig#n} answers to one prompt, which is computed once, here.
     *
     * @param prompt the prompt, {@code <bos>} included
     * @param config how to answer
     * @param cancelled as for one answer; all end, even if the prompt was not computed to its end
     * @return the answers, each the caller's to close; they may be iterated over at the same time
     * @throws IllegalArgumentException as {@link #start(int[], GenerationConfig)}
     */
    public List<Generation> startAll(
            PromptTokens prompt, GenerationConfig config, BooleanSupplier cancelled) {
        List<Generation> answers = new ArrayList<>();
        answers.add(start(prompt, config, cancelled));
        try {
            for (int i = 1; i < config.n(); i++) {
                answers.add(answers.getFirst().fork(i));
            }
            return answers;
        } catch (RuntimeException | Error e) {
            answers.forEach(Generation::close);
            throw e;
        }
    }

    private void check(PromptTokens prompt) {
        if (prompt.length() == 0) {
            throw new IllegalArgumentException(
                    "an empty prompt; a prompt has one token at least, usually <bos>");
        }
        if (prompt.length() > model.maxContext()) {
            throw new IllegalArgumentException(
                    "prompt of "
                            + prompt.length()
                            + " tokens, the context holds "
                            + model.maxContext()
                            + (model.maxContext() < model.config().maxPositions()
                                    ? "; shorten it, or load the model with a greater maxContext"
                                    : ", the most that the model was made for; shorten it"));
        }
        int vocab = model.config().vocabSize();
        for (int key : prompt.keys()) { // negative for what images stand for
            if (key >= vocab) {
                throw new IllegalArgumentException(
                        "prompt: token " + key + ", expected 0 to " + (vocab - 1));
            }
        }
    }
}
