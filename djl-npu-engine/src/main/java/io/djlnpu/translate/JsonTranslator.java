package io.djlnpu.translate;

import ai.djl.modality.Input;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.VisionLanguageInput;
import ai.djl.ndarray.BytesSupplier;
import ai.djl.ndarray.NDArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.engine.TextPipeline;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Requests and answers as objects whose JSON is that of DJL Serving or OpenAI, such as DJL's {@code
 * ChatInput} and {@code ChatOutput}.
 *
 * @param <I> a class that becomes a request by way of JSON
 * @param <O> as {@link JsonOutput} says
 */
final class JsonTranslator<I, O> extends AnswerTranslator<I, O> {

    private final TextPipeline text;
    private final JsonObject arguments;
    private final String modelName;
    private final JsonOutput<O> output;

    /** Whether objects of a class may be JSON of a request; what DJL knows otherwise is none. */
    static boolean accepts(Class<?> input) {
        return !input.isArray()
                && !input.isPrimitive()
                && Stream.of(
                                CharSequence.class,
                                Number.class,
                                Iterable.class,
                                NDArray.class,
                                Image.class,
                                VisionLanguageInput.class,
                                Input.class)
                        .noneMatch(other -> other.isAssignableFrom(input));
    }

    JsonTranslator(
            TextPipeline text, JsonObject arguments, String modelName, JsonOutput<O> output) {
        this.text = text;
        this.arguments = arguments;
        this.modelName = modelName;
        this.output = output;
    }

    @Override
    O whole(I input, NpuMetrics metrics) throws IOException {
        ServingRequest request = start(input);
        if (output.streams()) {
            return output.pieces(pieces(request));
        }
        try (Answers answers = new Answers(request.answers(), () -> false)) {
            return output.whole(request.whole(answers.complete(), metrics));
        }
    }

    @Override
    StreamOutput<O> stream(I input) throws IOException {
        return ready(whole(input, new NpuMetrics(null)));
    }

    private ServingRequest start(I input) throws IOException {
        JsonElement json = JsonParser.parseString(BytesSupplier.wrapAsJson(input).getAsString());
        if (json instanceof JsonObject request) {
            return ServingRequest.start(
                    new ServingRequest.Body(request, List.of()),
                    text,
                    arguments,
                    modelName,
                    () -> false);
        }
        throw new IllegalArgumentException(
                "a %s is no JSON object; expected 'messages' or 'inputs' in it"
                        .formatted(input.getClass().getName()));
    }

    private static Iterator<JsonObject> pieces(ServingRequest request) {
        Answers answers = new Answers(request.answers(), () -> false);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return answers.hasNext();
            }

            @Override
            public JsonObject next() {
                return request.piece(answers.next());
            }
        };
    }
}
