package io.djlnpu.translate;

import ai.djl.Model;
import ai.djl.modality.nlp.generate.CausalLMOutput;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Finds the translator for each pair of types that text generation is used with.
 *
 * <p>To be named with {@code optTranslatorFactory(new NpuTranslatorFactory())}, with the argument
 * {@code translatorFactory}, or not at all for models by {@code npu:} URLs.
 */
public final class NpuTranslatorFactory implements TranslatorFactory {

    @FunctionalInterface
    private interface Maker {

        Translator<?, ?> make(Model model, Map<String, ?> arguments) throws TranslateException;
    }

    private static final Map<Pair<Type, Type>, Maker> MAKERS = makers();

    private static Map<Pair<Type, Type>, Maker> makers() {
        Map<Pair<Type, Type>, Maker> makers = new LinkedHashMap<>();
        makers.put(new Pair<>(NDList.class, NDList.class), (m, a) -> new NoopTranslator());
        makers.put(
                new Pair<>(NDList.class, CausalLMOutput.class), (m, a) -> new CausalLmTranslator());
        return makers;
    }

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        return MAKERS.keySet();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <I, O> Translator<I, O> newInstance(
            Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        Maker maker = MAKERS.get(new Pair<Type, Type>(input, output));
        if (maker == null) {
            throw new TranslateException(
                    "no translator from %s to %s; there are %s"
                            .formatted(input.getName(), output.getName(), MAKERS.keySet()));
        }
        return (Translator<I, O>) maker.make(model, arguments);
    }
}
