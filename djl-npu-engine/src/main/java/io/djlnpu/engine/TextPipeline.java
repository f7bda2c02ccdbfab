package io.djlnpu.engine;

import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.PromptCache;
import io.djlnpu.generate.PromptTokens;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * From text to text with one loaded model: its tokenizer, its chat template, and the sessions of
 * earlier prompts, so that the next turn of a conversation pays for what is new only. One for all
 * predictors of a model; safe for many threads.
 */
public final class TextPipeline implements AutoCloseable {

    private final NpuRuntime runtime;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final PromptCache cache;
    private final TextGenerator generator;

    private TextPipeline(
            NpuRuntime runtime, Tokenizer tokenizer, ChatTemplate template, PromptCache cache) {
        this.runtime = runtime;
        this.tokenizer = tokenizer;
        this.template = template;
        this.cache = cache;
        generator = new TextGenerator(runtime.model(), tokenizer, cache);
    }

    static TextPipeline open(NpuRuntime runtime) throws IOException {
        Path folder = runtime.bundle().folder();
        ChatTemplate template = ChatTemplate.open(folder);
        Tokenizer tokenizer = Tokenizer.open(folder);
        return new TextPipeline(runtime, tokenizer, template, runtime.keptPrompts().open(runtime));
    }

    /**
     * Returns the folder with the model's own generation settings.
     *
     * @return the bundle
     */
    public Path folder() {
        return runtime.bundle().folder();
    }

    /**
     * Continues a text.
     *
     * @param text the text; {@code <bos>} is put before it unless it begins so
     * @param config how to continue
     * @return the continuation as it comes
     */
    public TokenStream complete(String text, GenerationConfig config) {
        return start(text, config);
    }

    /**
     * Answers the last message of a conversation.
     *
     * @param messages the conversation
     * @param config how to answer
     * @return the answer as it comes
     * @throws IllegalArgumentException if the model's template refuses the conversation
     */
    public TokenStream chat(List<ChatMessage> messages, GenerationConfig config) {
        return start(prompt(messages), config);
    }

    /**
     * Writes a conversation down as the prompt for its next answer.
     *
     * @param messages the conversation
     * @return the prompt's text, for {@link #complete} and {@link #completeAll}
     * @throws IllegalArgumentException if the model's template refuses the conversation
     */
    public String prompt(List<ChatMessage> messages) {
        return template.render(messages, true);
    }

    /**
     * Continues a text in {@link GenerationConfig#n} ways. The text is computed once, here if there
     * is more than one continuation.
     *
     * @param text the text; {@code <bos>} is put before it unless it begins so
     * @param config how to continue
     * @return the continuations, which may be asked for tokens in any order
     */
    public List<TokenStream> completeAll(String text, GenerationConfig config) {
        return runtime.step(
                model -> {
                    int[] ids = encode(text);
                    return generator.startAll(PromptTokens.of(ids), config).stream()
                            .map(answer -> new TokenStream(runtime, answer, ids.length))
                            .toList();
                });
    }

    private TokenStream start(String text, GenerationConfig config) {
        return runtime.step(
                model -> {
                    int[] ids = encode(text);
                    return new TokenStream(runtime, generator.start(ids, config), ids.length);
                });
    }

    private int[] encode(String text) {
        return tokenizer.encode(text, !text.startsWith("<bos>"));
    }

    @Override
    public void close() {
        runtime.keptPrompts().close(cache, runtime);
        tokenizer.close();
    }
}
