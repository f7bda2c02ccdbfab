package io.djlnpu.generate;

import io.djlnpu.gemma3.Gemma3Model;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts answers. Safe for many threads; each {@link Generation} belongs to the thread that
 * iterates over it. Model, tokenizer and cache stay the caller's.
 */
public final class TextGenerator {

    private final Gemma3Model model;
    private final Tokenizer tokenizer;
    private final PromptCache cache;

    /**
     * Makes a generator that computes every prompt anew.
     *
     * @param model the model
     * @param tokenizer its tokenizer
     */
    public TextGenerator(Gemma3Model model, Tokenizer tokenizer) {
        this(model, tokenizer, new PromptCache(model, 0));
    }

    /**
     * Makes a generator that reuses what another prompt began with.
     *
     * @param model the model
     * @param tokenizer its tokenizer
     * @param cache sessions of the same model
     */
    public TextGenerator(Gemma3Model model, Tokenizer tokenizer, PromptCache cache) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.cache = cache;
    }

    /**
     * Returns the model.
     *
     * @return the model
     */
    public Gemma3Model model() {
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
        check(promptIds);
        int vocab = model.config().vocabSize();
        for (int id : promptIds) {
            if (id < 0 || id >= vocab) {
                throw new IllegalArgumentException(
                        "prompt: token " + id + ", expected 0 to " + (vocab - 1));
            }
        }
        return new Generation(this, new CachedPrompt(cache, model), promptIds.clone(), config);
    }

    /**
     * Starts an answer to a prompt that is more than its ids. It takes no part in prefix reuse.
     *
     * @param promptIds the prompt, placeholders included
     * @param config how to answer
     * @param feeder feeds the prompt when the first token is asked for
     * @return the answer as it comes, the caller's to close
     * @throws IllegalArgumentException if the prompt is empty or does not fit into the context
     */
    public Generation start(int[] promptIds, GenerationConfig config, PromptFeeder feeder) {
        check(promptIds);
        return new Generation(this, new FedPrompt(model, feeder), promptIds.clone(), config);
    }

    /**
     * Starts {@link GenerationConfig#n} answers to one prompt, which is computed once, here.
     *
     * @param promptIds the prompt, {@code <bos>} included
     * @param config how to answer
     * @return the answers, each the caller's to close; they may be iterated over at the same time
     * @throws IllegalArgumentException as {@link #start(int[], GenerationConfig)}
     */
    public List<Generation> startAll(int[] promptIds, GenerationConfig config) {
        List<Generation> answers = new ArrayList<>();
        answers.add(start(promptIds, config));
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

    private void check(int[] promptIds) {
        if (promptIds.length == 0) {
            throw new IllegalArgumentException(
                    "an empty prompt; a prompt has one token at least, usually <bos>");
        }
        if (promptIds.length > model.maxContext()) {
            throw new IllegalArgumentException(
                    "prompt of "
                            + promptIds.length
                            + " tokens, the context holds "
                            + model.maxContext()
                            + "; shorten it or load the model with a longer context");
        }
    }
}
