package io.djlnpu.translate;

import ai.djl.modality.cv.VisionLanguageInput;
import com.google.gson.JsonObject;
import io.djlnpu.engine.TextPipeline;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.VisionPrompts;
import java.io.IOException;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A picture, and what is asked about it, to the answer.
 *
 * <p>Text that says itself where the picture goes ({@value VisionPrompts#PLACE}) is the whole
 * prompt; any other is what a user says below the picture. Without text, the argument {@code
 * question} is asked, or for a description.
 *
 * @param <I> the picture, maybe with text
 * @param <O> what the answer's stream becomes
 */
final class VisionTranslator<I, O> extends AnswerTranslator<I, O> {

    private final TextPipeline text;
    private final PictureReader pictures;
    private final GenerationConfig config;
    private final Function<I, VisionLanguageInput> input;
    private final BiFunction<TokenStream, NpuMetrics, O> output;

    VisionTranslator(
            TextPipeline text,
            JsonObject arguments,
            Function<I, VisionLanguageInput> input,
            BiFunction<TokenStream, NpuMetrics, O> output)
            throws IOException {
        this.text = text;
        this.input = input;
        this.output = output;
        pictures = PictureReader.of(text, arguments);
        config = GenerationParameters.read(text.folder(), arguments);
    }

    @Override
    O whole(I request, NpuMetrics metrics) {
        VisionLanguageInput asked = input.apply(request);
        if (asked.getCandidates() != null) {
            throw new IllegalArgumentException(
                    "candidates to choose from; this model answers in words, ask with a text");
        }
        String prompt =
                text.below(1, asked.getText() == null ? pictures.question() : asked.getText());
        return output.apply(
                text.complete(prompt, List.of(pictures.read(asked.getImage())), config), metrics);
    }

    @Override
    StreamOutput<O> stream(I request) {
        return ready(whole(request, new NpuMetrics(null)));
    }
}
