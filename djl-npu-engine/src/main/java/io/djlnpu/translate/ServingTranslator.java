package io.djlnpu.translate;

import ai.djl.inference.streaming.ChunkedBytesSupplier;
import ai.djl.inference.streaming.IteratorBytesSupplier;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.BytesSupplier;
import com.google.gson.JsonObject;
import io.djlnpu.engine.TextPipeline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/**
 * DJL Serving's requests and answers. A request that asks for a stream gets chunks that a thread of
 * its own fills, as Serving expects them; it ends early when the request is cancelled.
 */
final class ServingTranslator extends AnswerTranslator<Input, Output> {

    private final TextPipeline text;
    private final JsonObject arguments;
    private final String modelName;

    ServingTranslator(TextPipeline text, JsonObject arguments, String modelName) {
        this.text = text;
        this.arguments = arguments;
        this.modelName = modelName;
    }

    @Override
    Output whole(Input input, NpuMetrics metrics) throws IOException {
        try {
            ServingRequest request = start(input);
            if (request.stream()) {
                return pushed(input, request);
            }
            try (Answers answers = new Answers(request.answers(), input::isCancelled)) {
                String json = request.whole(answers.complete(), metrics).toString();
                return output("application/json", BytesSupplier.wrap(json));
            }
        } catch (IllegalArgumentException e) {
            return refusal(e);
        }
    }

    @Override
    StreamOutput<Output> stream(Input input) throws IOException {
        try {
            ServingRequest request = start(input);
            Answers answers = new Answers(request.answers(), input::isCancelled);
            Iterator<BytesSupplier> chunks = chunks(answers, request.format());
            return pulled(output(request.format().streamType(), new IteratorBytesSupplier(chunks)));
        } catch (IllegalArgumentException e) {
            return pulled(refusal(e));
        }
    }

    private ServingRequest start(Input input) throws IOException {
        return ServingRequest.start(ServingRequest.parse(input), text, arguments, modelName);
    }

    private static Output pushed(Input input, ServingRequest request) {
        ChunkedBytesSupplier chunks = new ChunkedBytesSupplier();
        Thread.ofVirtual()
                .name("npu-answer")
                .start(
                        () -> {
                            try (Answers answers =
                                    new Answers(request.answers(), input::isCancelled)) {
                                chunks(answers, request.format())
                                        .forEachRemaining(c -> chunks.appendContent(c, false));
                            } catch (RuntimeException e) {
                                chunks.appendContent(
                                        BytesSupplier.wrap(error(500, e).toString()), false);
                            } finally {
                                chunks.appendContent(new byte[0], true);
                            }
                        });
        return output(request.format().streamType(), chunks);
    }

    private static Iterator<BytesSupplier> chunks(Answers answers, AnswerFormat format) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return answers.hasNext();
            }

            @Override
            public BytesSupplier next() {
                String piece = format.frame(format.piece(answers.next()));
                String end = answers.finished() ? format.end() : "";
                return BytesSupplier.wrap((piece + end).getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    private static Output output(String contentType, BytesSupplier data) {
        Output output = new Output();
        output.addProperty("Content-Type", contentType);
        output.add(data);
        return output;
    }

    private static Output refusal(IllegalArgumentException reason) {
        Output output = new Output(400, reason.getMessage());
        output.addProperty("Content-Type", "application/json");
        output.add(BytesSupplier.wrap(error(400, reason).toString()));
        return output;
    }

    private static JsonObject error(int code, Exception reason) {
        JsonObject json = new JsonObject();
        json.addProperty("code", code);
        json.addProperty("error", String.valueOf(reason.getMessage()));
        return json;
    }
}
