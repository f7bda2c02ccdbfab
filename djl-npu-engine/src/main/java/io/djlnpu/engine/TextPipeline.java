package io.djlnpu.engine;

import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.Picture;
import io.djlnpu.generate.PromptCache;
import io.djlnpu.generate.PromptTokenizer;
import io.djlnpu.generate.PromptTokens;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.generate.VisionPrompts;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.generate.chat.Conversation;
import io.djlnpu.vision.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * From text, and pictures for a model that sees, to text with one loaded model: its tokenizer, its
 * chat template, and the sessions of earlier prompts, so that the next turn of a conversation pays
 * for what is new only. One for all predictors of a model; safe for many threads.
 */
public final class TextPipeline implements AutoCloseable {

    private final NpuRuntime runtime;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final PromptCache cache;
    private final TextGenerator generator;
    private final PromptTokenizer prompts;

    private TextPipeline(
            NpuRuntime runtime, Tokenizer tokenizer, ChatTemplate template, PromptCache cache) {
        this.runtime = runtime;
        this.tokenizer = tokenizer;
        this.template = template;
        this.cache = cache;
        generator = new TextGenerator(runtime.model(), tokenizer, cache);
        prompts = new PromptTokenizer(runtime.model(), runtime.bundle().folder(), tokenizer);
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
     * Returns what turns text into this model's tokens and back.
     *
     * @return the tokenizer, open as long as the model
     */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * Prepares a picture for this model. It is encoded when a prompt with it is first computed, and
     * only once.
     *
     * @param image any size
     * @param panAndScan whether a long picture is cut into crops as well; the model's own settings
     *     may ask for that too
     * @return the picture
     * @throws IllegalArgumentException if the model does not see
     * @throws IOException if the model's vision weights or settings cannot be used
     */
    public Picture picture(RgbImage image, boolean panAndScan) throws IOException {
        try {
            return runtime.step(model -> prepare(image, panAndScan));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Picture prepare(RgbImage image, boolean panAndScan) {
        try {
            return prompts.picture(image, panAndScan);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Continues a text.
     *
     * @param text the text; {@code <bos>} is put before it unless it begins so
     * @param config how to continue
     * @return the continuation as it comes
     */
    public TokenStream complete(String text, GenerationConfig config) {
        return complete(text, List.of(), config);
    }

    /**
     * Continues a text with pictures.
     *
     * @param text the text, with {@link VisionPrompts#PLACE} where each picture goes
     * @param pictures the pictures, in that order
     * @param config how to continue
     * @return the continuation as it comes
     * @throws IllegalArgumentException if there are not as many places as pictures
     */
    public TokenStream complete(String text, List<Picture> pictures, GenerationConfig config) {
        return runtime.step(
                model -> {
                    PromptTokens prompt = prompts.tokenize(text, pictures);
                    return new TokenStream(
                            runtime, generator.start(prompt, config, runtime::closing));
                });
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
        return chat(messages, List.of(), config);
    }

    /**
     * Answers the last message of a conversation with pictures.
     *
     * @param messages the conversation
     * @param pictures the pictures of all messages, in order
     * @param config how to answer
     * @return the answer as it comes
     * @throws IllegalArgumentException if the model's template refuses the conversation, or there
     *     are not as many pictures as the messages have places for
     */
    public TokenStream chat(
            List<ChatMessage> messages, List<Picture> pictures, GenerationConfig config) {
        return complete(prompt(messages), pictures, config);
    }

    /**
     * Writes a conversation down as the prompt for its next answer.
     *
     * @param messages the conversation
     * @return the prompt's text, for {@link #complete} and {@link #completeAll}
     * @throws IllegalArgumentException if the model's template refuses the conversation
     */
    public String prompt(List<ChatMessage> messages) {
        return prompt(Conversation.of(messages));
    }

    /**
     * Writes a conversation down as the prompt for its next answer.
     *
     * @param conversation messages and all else that the model's template sees
     * @return the prompt's text, for {@link #complete} and {@link #completeAll}
     * @throws IllegalArgumentException if the model's template refuses the conversation
     */
    public String prompt(Conversation conversation) {
        return template.prompt(conversation);
    }

    /**
     * Writes down what a user says below pictures.
     *
     * @param pictures how many
     * @param text what is said; text that says itself where pictures go ({@link
     *     VisionPrompts#PLACE}) is a whole prompt already and stays as it is
     * @return the prompt's text
     */
    public String below(int pictures, String text) {
        return text.contains(VisionPrompts.PLACE)
                ? text
                : prompt(List.of(ChatMessage.shown("user", pictures, text)));
    }

    /**
     * Continues a text in {@link GenerationConfig#n} ways. The text is computed once, here if there
     * is more than one continuation.
     *
     * @param text the text; {@code <bos>} is put before it unless it begins so
     * @param pictures the pictures for the places in the text, in order
     * @param config how to continue
     * @param cancelled asked before each token, and while the text is computed, whether to end
     * @return the continuations, which may be asked for tokens in any order
     * @throws IllegalArgumentException if there are not as many places as pictures
     */
    public List<TokenStream> completeAll(
            String text,
            List<Picture> pictures,
            GenerationConfig config,
            BooleanSupplier cancelled) {
        BooleanSupplier ended = () -> runtime.closing() || cancelled.getAsBoolean();
        return runtime.step(
                model -> {
                    PromptTokens prompt = prompts.tokenize(text, pictures);
                    return generator.startAll(prompt, config, ended).stream()
                            .map(answer -> new TokenStream(runtime, answer))
                            .toList();
                });
    }

    @Override
    public void close() {
        runtime.keptPrompts().close(cache, runtime);
        tokenizer.close();
    }
}
