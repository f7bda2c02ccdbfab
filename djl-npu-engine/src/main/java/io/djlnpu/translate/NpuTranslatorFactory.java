package io.djlnpu.translate;

import ai.djl.Model;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.VisionLanguageInput;
import ai.djl.modality.nlp.generate.CausalLMOutput;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import com.google.gson.JsonObject;
import io.djlnpu.engine.EmbeddingPipeline;
import io.djlnpu.engine.FolderSettings;
import io.djlnpu.engine.NpuModel;
import io.djlnpu.engine.TextPipeline;
import io.djlnpu.engine.TokenStream;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the translator for each pair of types that text generation, from words and pictures, and
 * embedding are used with.
 *
 * <p>To be named with {@code optTranslatorFactory(new NpuTranslatorFactory())}, with the argument
 * {@code translatorFactory}, or not at all for models by {@code npu:} URLs.
 */
public final class NpuTranslatorFactory implements TranslatorFactory {

    @FunctionalInterface
    private interface Maker {

        Translator<?, ?> make(Model model, Map<String, ?> arguments) throws IOException;
    }

    private static final Map<Pair<Type, Type>, Maker> MAKERS = makers();

    private static Map<Pair<Type, Type>, Maker> makers() {
        Map<Pair<Type, Type>, Maker> makers = new LinkedHashMap<>();
        makers.put(new Pair<>(NDList.class, NDList.class), (m, a) -> new NoopTranslator());
        makers.put(
                new Pair<>(NDList.class, CausalLMOutput.class), (m, a) -> new CausalLmTranslator());
        makers.put(
                new Pair<>(String.class, String.class),
                (m, a) -> new TextTranslator<>(text(m), arguments(a), NpuTranslatorFactory::whole));
        makers.put(
                new Pair<>(String.class, TokenStream.class),
                (m, a) ->
                        new TextTranslator<>(text(m), arguments(a), NpuTranslatorFactory::stream));
        makers.put(
                new Pair<>(String.class, Iterator.class),
                (m, a) ->
                        new TextTranslator<>(text(m), arguments(a), NpuTranslatorFactory::stream));
        putVision(makers, VisionLanguageInput.class, Function.identity());
        putVision(makers, Image.class, image -> new VisionLanguageInput(image, (String) null));
        makers.put(new Pair<>(Input.class, Output.class), NpuTranslatorFactory::serving);
        makers.put(
                new Pair<>(String.class, float[].class),
                (m, a) -> EmbeddingTranslator.one(embeddings(m), embedding(a)));
        makers.put(
                new Pair<>(String[].class, float[][].class),
                (m, a) -> EmbeddingTranslator.many(embeddings(m), embedding(a)));
        return makers;
    }

    private static <I> void putVision(
            Map<Pair<Type, Type>, Maker> makers,
            Class<I> input,
            Function<I, VisionLanguageInput> asked) {
        makers.put(
                new Pair<>(input, String.class),
                (m, a) ->
                        new VisionTranslator<>(
                                text(m), arguments(a), asked, NpuTranslatorFactory::whole));
        for (Type stream : List.of(TokenStream.class, Iterator.class)) {
            makers.put(
                    new Pair<>(input, stream),
                    (m, a) ->
                            new VisionTranslator<>(
                                    text(m), arguments(a), asked, NpuTranslatorFactory::stream));
        }
    }

    private static TextPipeline text(Model model) throws IOException {
        return NpuModel.runtime(model).text();
    }

    /** Requests for what the model makes: embeddings, or text. */
    private static Translator<Input, Output> serving(Model model, Map<String, ?> arguments)
            throws IOException {
        return NpuModel.runtime(model).model().config().isEmbedding()
                ? new EmbeddingServingTranslator(
                        embeddings(model), embedding(arguments), model.getName())
                : new ServingTranslator(text(model), arguments(arguments), model.getName());
    }

    private static EmbeddingPipeline embeddings(Model model) {
        return NpuModel.runtime(model).embeddings();
    }

    private static EmbeddingPipeline.Options embedding(Map<String, ?> arguments) {
        return EmbeddingRequest.options(arguments(arguments), EmbeddingPipeline.Options.PLAIN);
    }

    private static JsonObject arguments(Map<String, ?> arguments) {
        return GenerationParameters.ofArguments(arguments);
    }

    private static String whole(TokenStream answer, NpuMetrics metrics) {
        try (answer) {
            String text = answer.complete();
            metrics.add(answer);
            return text;
        }
    }

    private static TokenStream stream(TokenStream answer, NpuMetrics metrics) {
        return answer;
    }

    private static <I, O> Translator<I, O> json(
            Model model, Map<String, ?> arguments, Class<O> output) throws IOException {
        return new JsonTranslator<>(
                text(model), arguments(arguments), model.getName(), new JsonOutput<>(output));
    }

    /**
     * Returns the pairs of types that are named here. Others are told by their form: see {@link
     * #isSupported}.
     */
    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        return MAKERS.keySet();
    }

    /**
     * Tells whether there is a translator. Beside the pairs of {@link #getSupportedTypes}, requests
     * and answers may be objects whose JSON is OpenAI's or DJL Serving's, such as {@code ChatInput}
     * with {@code ChatOutput} or {@code StreamChatOutput} and {@code GenerationInput} with {@code
     * GenerationOutput[]} of DJL's module genai.
     */
    @Override
    public boolean isSupported(Class<?> input, Class<?> output) {
        return TranslatorFactory.super.isSupported(input, output)
                || JsonTranslator.accepts(input) && JsonOutput.accepts(output);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <I, O> Translator<I, O> newInstance(
            Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        Maker maker = MAKERS.get(new Pair<Type, Type>(input, output));
        if (maker == null && isSupported(input, output)) {
            maker = (m, a) -> json(m, a, output);
        }
        if (maker == null) {
            throw new TranslateException(
                    "no translator from %s to %s; there are %s, and objects that are JSON of DJL's"
                                    .formatted(input.getName(), output.getName(), MAKERS.keySet())
                            + " or OpenAI's form with a static fromJson");
        }
        try {
            NpuModel.runtime(model); // another engine's model is refused by that name
            FolderSettings folder = new FolderSettings(model.getModelPath());
            return (Translator<I, O>) maker.make(model, folder.arguments(arguments));
        } catch (IOException | IllegalArgumentException e) {
            throw new TranslateException(e.getMessage(), e);
        }
    }
}
