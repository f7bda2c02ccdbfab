package io.djlnpu.translate;

import ai.djl.inference.streaming.ChunkedBytesSupplier;
import ai.djl.inference.streaming.IteratorBytesSupplier;
import ai.djl.inference.streaming.PublisherBytesSupplier;
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

    /** Pulled as an iterator, or pushed to a subscriber by whoever calls for it to be computed. */
    @Override
    StreamOutput<Output> stream(Input input) throws IOException {
        ServingRequest request;
        try {
            request = start(input);
        } catch (IllegalArgumentException e) {
            return ready(refusal(e));
        }
        return new StreamOutput<>() {
            @Override
            protected Output buildAsyncOutput() {
                return output(request.format().streamType(), new PublisherBytesSupplier());
            }

            @Override
            protected void computeAsyncOutputInternal(Output output) {
                push(input, request, ((PublisherBytesSupplier) output.getData())::appendContent);
            }

            @Override
            public Output getIterativeOutputInternal() {
                Answers answers = new Answers(request.answers(), input::isCancelled);
                Iterator<BytesSupplier> chunks = chunks(answers, input, request);
                return output(request.format().streamType(), new IteratorBytesSupplier(chunks));
            }
        };
    }

    @Override
    public Support getSupport() {
        return Support.BOTH;
    }

    private ServingRequest start(Input input) throws IOException {
        return ServingRequest.start(
                ServingRequest.parse(input), text, arguments, modelName, input::isCancelled);
    }

    private static Output pushed(Input input, ServingRequest request) {
        ChunkedBytesSupplier chunks = new ChunkedBytesSupplier();
        Thread.ofVirtual()
                .name("npu-answer")
                .start(() -> push(input, request, chunks::appendContent));
        return output(request.format().streamType(), chunks);
    }

    @FunctionalInterface
    private interface Sink {
        void append(byte[] bytes, boolean last);
    }

    private static void push(Input input, ServingRequest request, Sink sink) {
        AnswerFormat format = request.format();
        try (Answers answers = new Answers(request.answers(), input::isCancelled)) {
            chunks(answers, input, request)
                    .forEachRemaining(chunk -> sink.append(chunk.getAsBytes(), false));
        } catch (RuntimeException | Error e) {
            String told = format.frame(error(500, e)) + format.end();
            sink.append(told.getBytes(StandardCharsets.UTF_8), false);
        } finally {
            sink.append(new byte[0], true);
        }
    }

    /**
     * Pieces as they travel. The last one brings the end along; an empty stream is an end alone.
     */
    private static Iterator<BytesSupplier> chunks(
            Answers answers, Input input, ServingRequest request) {
        AnswerFormat format = request.format();
        return new Iterator<>() {
            private boolean ended = format.end().isEmpty();

            @Override
            public boolean hasNext() {
                return answers.hasNext() || !ended && !input.isCancelled();
            }

            @Override
            public BytesSupplier next() {
                String piece = answers.hasNext() ? format.frame(request.piece(answers.next())) : "";
                String end = answers.finished() && !ended ? format.end() : "";
                ended |= !end.isEmpty();
                return BytesSupplier.wrap((piece + end).getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    static Output output(String contentType, BytesSupplier data) {
        Output output = new Output();
        output.addProperty("Content-Type", contentType);
        output.add(data);
        return output;
    }

    static Output refusal(IllegalArgumentException reason) {
        Output output = new Output(400, reason.getMessage());
        output.addProperty("Content-Type", "application/json");
        output.add(BytesSupplier.wrap(error(400, reason).toString()));
        return output;
    }

    private static JsonObject error(int code, Throwable reason) {
        JsonObject json = new JsonObject();
        json.addProperty("code", code);
        json.addProperty("error", String.valueOf(reason.getMessage()));
        return json;
    }
}
